"""Code as logical lines of tokens, which are compared without regard to layout and quotes."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

_LAYOUT = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}


@dataclass(frozen=True)
class Token:
    """A token of code.

    Attributes:
        gap: what stands before it: white space, and a comma that means nothing.
        text: of the token.
        key: equal for tokens that mean the same.
        depth: the number of brackets around it.
    """

    gap: str
    text: str
    key: tuple[int | None, str]
    depth: int = 0


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
    for number, token in _tokens(text):
        row = row or number
        current.append(token)
        if token.text == "\n":
            lines.append((row, tuple(current)))
            current, row = [], 0
    return lines


def source(lines: list[Line]) -> str:
    """Return the code of logical lines."""
    return "".join(token.gap + token.text for line in lines for token in line)


def _tokens(text: str) -> Iterator[tuple[int, Token]]:
    """Yield the tokens with the numbers of their rows."""
    offsets = _row_offsets(text)
    end = depth = 0
    comma: Token | None = None
    is_first, is_comment = True, False
    for each in _tokenized(text):
        if each.type in _LAYOUT and not (each.type == tokenize.NL and is_comment):
            continue
        start = offsets[each.start[0] - 1] + each.start[1]
        is_end = each.type in {tokenize.NEWLINE, tokenize.NL}
        gap, word = text[end:start], "\n" if is_end else each.string
        end = offsets[each.end[0] - 1] + each.end[1]
        depth -= word in _CLOSING
        if comma is not None:
            if word in _CLOSING:
                gap = comma.gap + comma.text + gap
            else:
                yield each.start[0], comma
            comma = None
        column = each.start[1] if is_first else None
        token = Token(gap, word, (column, _meaning(each.type, word)), depth)
        is_first, is_comment = is_end, is_first and each.type == tokenize.COMMENT
        depth += word in _OPENING
        if word == "," and depth:
            comma = token
        else:
            yield each.start[0], token


def _tokenized(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
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
