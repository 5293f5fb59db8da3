"""What is wrong with text that is not YAML, in words that say what to do.

The parser speaks of its own grammar: blocks, mappings, tokens. Its words follow in brackets.
"""

import re
from collections.abc import Sequence

import yaml

_KEY = re.compile(r" *(- +)*[\w.-]+ *")


def yaml_fault(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, str]:
    """Return the line of a parser's error, counted from 1, and a message.

    Args:
        error: of the parser.
        lines: of the text.
    """
    problem = str(error.problem or error.context)
    # What misses its colon or its quote is what began before, not where the parser gave up.
    is_before = problem.startswith(("could not find expected ':'", "found unexpected end"))
    mark = (error.context_mark if is_before else None) or error.problem_mark
    if mark is None:
        return 1, f"not valid YAML ({problem})"
    line = lines[mark.line] if mark.line < len(lines) else ""
    advice = _advice(problem, error.context_mark, mark, line)
    return mark.line + 1, f"not valid YAML at column {mark.column + 1}{advice} ({problem})"


def _advice(problem: str, beginning: yaml.Mark | None, mark: yaml.Mark, line: str) -> str:
    """Return what to do, with a colon before it; empty if it is not known.

    Args:
        problem: the parser's words.
        beginning: of what the parser was reading.
        mark: where it stopped.
        line: in which that is.
    """
    opened = f"line {beginning.line + 1}, column {beginning.column + 1}," if beginning else "front"
    number = mark.line + 1
    rest = line[mark.column :]
    forms = (
        (r"found character '\\t'", "a tab stands there, and YAML knows no tabs: write spaces"),
        ("mapping values", _advice_on_colon(number, line[: mark.column])),
        (
            r"expected .*found '(<block|-)",
            f"check the indentation of line {number}: what belongs together begins at one column",
        ),
        (r"expected .*found '[]}]'", f"the `{rest[:1]}` has no counterpart: remove it"),
        (r"expected .*found '<scalar>'", "a quoted text has ended before: put all in the quotes"),
        (r"could not find expected ':'", f"line {number} lacks its `:`"),
        (r"expected .*got '\?'", f'inside braces, quote it: "{_word(line, mark)}?"'),
        (r"expected ',' or", f"what {opened} opens is not closed, or a comma is missing"),
        ("found unexpected end", "the quote that begins there is never closed"),
        ("found character|.*undefined alias", f"put what begins with `{rest[:1]}` in quotes"),
    )
    return next((f": {advice}" for form, advice in forms if re.match(form, problem)), "")


def _advice_on_colon(number: int, before: str) -> str:
    """Return what to do about a colon; after the line's first word, the line is out of place."""
    if _KEY.fullmatch(before):
        return (
            f"check the indentation of line {number}, and the line above it: that lacks a `: `, or "
            "has a value already"
        )
    return "a text with `: ` in it needs quotes"


def _word(line: str, mark: yaml.Mark) -> str:
    """Return the word that ends at a mark."""
    return re.split(r"[\s:,{\[]", line[: mark.column])[-1]
