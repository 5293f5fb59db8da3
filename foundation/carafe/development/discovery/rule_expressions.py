"""The expression of a rule, such as `starts_at < ends_at` or `now <= starts_at - 24 hours`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from .durations import BadDuration, Duration, parse_duration

NOW, LENGTH, BEFORE = "now", "len", "before"

OPPOSITES = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
"""Each operator, and the one that holds when it does not."""

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<time>\d\d:\d\d)"
    r"|(?P<duration>\d+ [a-z]+(?: \d+ [a-z]+)*)"
    r"|(?P<integer>\d{1,9}(?!\d))"
    r"|\"(?P<text>[^\"\\\n]*)\""
    r"|len\((?P<length>[a-z][a-z0-9_.]*)\)"
    r"|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)"
    r"|(?P<operator><=|>=|==|!=|<|>)"
    r"|(?P<sign>[+-])"
    r")"
)


class BadExpression(ValueError):
    """An expression is malformed; the message says why."""


@dataclass(frozen=True)
class Name:
    """A value by its name.

    Attributes:
        path: the name, and those of parts within it.
        is_length: how many elements or letters it has, rather than the value.
    """

    path: tuple[str, ...]
    is_length: bool = False

    @property
    def is_now(self) -> bool:
        """Whether it is the present."""
        return self.path == (NOW,)


Literal = int | str | bool | date | time | Duration


@dataclass(frozen=True)
class Term:
    """A part of a sum: it is added, or subtracted."""

    operand: Name | Literal
    is_subtracted: bool = False


@dataclass(frozen=True)
class Comparison:
    """Two sums, and how the first one is to be to the other."""

    left: tuple[Term, ...]
    operator: str
    right: tuple[Term, ...]

    @property
    def names(self) -> tuple[Name, ...]:
        """What it compares, besides literals."""
        terms = (*self.left, *self.right)
        return tuple(each.operand for each in terms if isinstance(each.operand, Name))


def parse_rule(text: str) -> Comparison:
    """Return the comparison that a text says.

    Raises:
        BadExpression: the text is malformed.
    """
    tokens = list(_tokens(text))
    operators = [position for position, (kind, _) in enumerate(tokens) if kind == "operator"]
    if len(operators) != 1:
        raise BadExpression(
            f"{text!r} is not one comparison; examples: starts_at < ends_at, len(lines) <= 10, "
            "now <= starts_at - 24 hours. Write a rule for each"
        )
    middle = operators[0]
    left, right = _sum(tokens[:middle], text), _sum(tokens[middle + 1 :], text)
    return Comparison(left, str(tokens[middle][1]), right)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadExpression(f"{text[position:].strip()!r} is no part of a rule")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _sum(tokens: list[tuple[str, str]], text: str) -> tuple[Term, ...]:
    operands, signs = tokens[::2], tokens[1::2]
    is_right = len(operands) == len(signs) + 1 and all(kind == "sign" for kind, _ in signs)
    if not is_right or any(kind == "sign" for kind, _ in operands):
        raise BadExpression(f"{text!r} has a value or a sign too many, or too few")
    minuses = [False, *(sign == "-" for _, sign in signs)]
    return tuple(
        Term(_operand(*each), is_subtracted)
        for each, is_subtracted in zip(operands, minuses, strict=True)
    )


def _operand(kind: str, word: str) -> Name | Literal:  # noqa: PLR0911 - one answer a kind
    try:
        match kind:
            case "integer":
                return int(word)
            case "text":
                return word
            case "date":
                return date.fromisoformat(word)
            case "time":
                return time.fromisoformat(word)
            case "duration":
                return parse_duration(word)
    except BadDuration as error:
        raise BadExpression(str(error)) from error
    except ValueError as error:
        raise BadExpression(f"there is no {kind} {word}") from error
    if word in {"true", "false"}:
        return word == "true"
    return Name(tuple(word.split(".")), is_length=kind == "length")
