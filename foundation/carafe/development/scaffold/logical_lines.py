"""Code as logical lines of tokens, which are compared without regard to layout and quotes."""

import ast
import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_LAYOUT = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}
_STRUCTURE = {",", *_OPENING, *_CLOSING}


@dataclass(frozen=True)
class Token:
    """A token of code.

    Attributes:
        gap: what stands before it: white space, and a comma that means nothing.
        text: of the token.
        key: equal for tokens that mean the same: the column if a line begins with it, the depth of
            a bracket or comma, and what it says.
        depth: the number of brackets around it.
        is_first: whether it follows an opening bracket or a comma.
    """

    gap: str
    text: str
    key: tuple[int | None, int, str]
    depth: int = 0
    is_first: bool = False

    @property
    def is_comment(self) -> bool:
        """Whether it is a comment."""
        return self.text.startswith("#")


COMMA = Token("", ",", (None, 0, ","))


Line = tuple[Token, ...]
"""The tokens of a logical line and its line feed; a comment on rows of its own is one as well."""


def logical_lines(text: str) -> list[tuple[int, Line]]:
    """Return the logical lines of code, each with the number of its first row, from 1.

    Raises:
        SyntaxError: it is not valid Python.
    """
    lines: list[tuple[int, Line]] = []
    current: list[Token] = []
    row = 0
    for number, token in _without_idle_commas(_tokens(text)):
        row = row or number
        current.append(token)
        if token.text == "\n":
            lines.append((row, tuple(current)))
            current, row = [], 0
    return lines


def keys_of(tokens: Sequence[Token]) -> list[object]:
    """Return what tokens mean."""
    return [token.key for token in tokens]


def source(lines: list[Line]) -> str:
    """Return the code of logical lines."""
    return "".join(token.gap + token.text for line in lines for token in line)


def _tokens(text: str) -> Iterator[tuple[int, Token]]:
    """Yield the tokens with the numbers of their rows."""
    offsets = _row_offsets(text)
    end = depth = 0
    before = "\n"
    is_comment = False
    for each in _tokenized(text):
        if each.type in _LAYOUT and not (each.type == tokenize.NL and is_comment):
            continue
        start = offsets[each.start[0] - 1] + each.start[1]
        is_end = each.type in {tokenize.NEWLINE, tokenize.NL}
        gap, word = text[end:start], "\n" if is_end else each.string
        end = offsets[each.end[0] - 1] + each.end[1]
        depth -= word in _CLOSING
        column = each.start[1] if before == "\n" else None
        level = depth if word in _STRUCTURE else 0
        key = (column, level, _meaning(each.type, word))
        yield each.start[0], Token(gap, word, key, depth, before == "," or before in _OPENING)
        is_comment = before == "\n" and each.type == tokenize.COMMENT
        before = word
        depth += word in _OPENING


def _without_idle_commas(tokens: Iterator[tuple[int, Token]]) -> Iterator[tuple[int, Token]]:
    """Yield the tokens; a comma that means nothing is a part of the gap after it."""
    comma: Token | None = None
    before = ""
    needs_comma: list[bool] = []  # for each open bracket: whether it is a tuple with a comma alone
    for row, token in tokens:
        each = token
        if comma is not None:
            if each.text in _CLOSING and not needs_comma[-1]:
                each = replace(each, gap=f"{comma.gap},{each.gap}")
            else:
                needs_comma[-1] = False
                yield row, comma
            comma = None
        if each.text in _OPENING:
            needs_comma.append(each.text == "(" and not _is_value(before))
        elif each.text in _CLOSING:
            needs_comma.pop()
        before = each.text
        if before == "," and each.depth:
            comma = each
        else:
            yield row, each


def _is_value(word: str) -> bool:
    """Return whether a bracket after a word calls it."""
    return word in _CLOSING or (word.isidentifier() and not keyword.iskeyword(word))


def _tokenized(text: str) -> Iterator[tokenize.TokenInfo]:
    """Yield Python's tokens; a formatted string is one, as it was before Python 3.12."""
    offsets = _row_offsets(text)
    starts: list[tuple[int, int]] = []
    try:
        for each in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = tokenize.tok_name[each.type]
            if kind.endswith("STRING_START"):
                starts.append(each.start)
            elif kind.endswith("STRING_END"):
                start = starts.pop()
                if not starts:
                    first, last = (offsets[row - 1] + column for row, column in (start, each.end))
                    yield tokenize.TokenInfo(
                        tokenize.STRING, text[first:last], start, each.end, each.line
                    )
            elif not starts:
                yield each
    except tokenize.TokenError as error:
        raise SyntaxError(str(error)) from error


def _row_offsets(text: str) -> list[int]:
    offsets = [0]
    for line in io.StringIO(text):
        offsets.append(offsets[-1] + len(line))
    return [*offsets, offsets[-1]]


def _meaning(kind: int, word: str) -> str:
    """Return a token's text; a string's with the quotes that Python prefers."""
    if kind == tokenize.STRING and word[0] in "\"'":
        return repr(ast.literal_eval(word))
    return word
