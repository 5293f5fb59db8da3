"""Joins what two sides added in the same place, where it can stand side by side."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from .logical_lines import COMMA, Line, Token, keys_of


def both_lines(ours: Sequence[Line], theirs: Sequence[Line]) -> list[Line] | None:
    """Return the lines that both sides added, ours first; None if they cannot be joined.

    What both added alike is there once. Lines of an inner block stand before those that end it.
    """
    if _least_column(ours) < _column(theirs[0]):
        return [*theirs, *ours] if _least_column(theirs) >= _column(ours[0]) else None
    if _column(ours[0]) > _column(theirs[0]):
        return [*ours, *theirs]
    own, other = [keys_of(line) for line in ours], [keys_of(line) for line in theirs]
    if _has(own, other) or _has(other, own):
        return list(ours if len(ours) >= len(theirs) else theirs)
    return None if own[0] == other[0] else [*ours, *theirs]


def both_additions(
    base: Sequence[Token], ours: Sequence[Token], theirs: Sequence[Token]
) -> list[Token] | None:
    """Return what both sides added to a line; None if they changed what was there.

    Elements that both added to a list stand beside each other, ours first; an element that one
    side extended stands before those that the other one added after it.
    """
    if base:
        return None
    if not ours[0].depth:
        return _with_comment(ours, theirs)
    starts, ends = _is_comma(ours[0], theirs[0]), _is_comma(ours[-1], theirs[-1])
    if all(starts) or all(ends) or (not any(ends) and ours[0].is_first and theirs[0].is_first):
        elements = _union(_elements(ours), _elements(theirs))
        return None if elements is None else _list(elements, start=all(starts), end=all(ends))
    if any(starts):
        return [*theirs, *ours] if starts[0] else [*ours, *theirs]
    if any(ends):
        return [*ours, *theirs] if ends[0] else [*theirs, *ours]
    return None


def separated(tokens: Sequence[Token]) -> list[Token] | None:
    """Return tokens of different sides so that none runs into the next; None if one must."""
    result = list(tokens[:1])
    for before, token in pairwise(tokens):
        gap = token.gap
        if before.is_comment and token.text != "\n" and "\n" not in gap:
            if not before.depth:
                return None
            gap = f"\n{gap}"
        elif not gap and _run_together(before.text, token.text):
            gap = " "
        result.append(token if gap == token.gap else replace(token, gap=gap))
    return result


def _with_comment(ours: Sequence[Token], theirs: Sequence[Token]) -> list[Token] | None:
    """Return the end of a line to which one side added a comment."""
    if ours[0].is_comment:
        return [*theirs, *ours]
    return [*ours, *theirs] if theirs[0].is_comment else None


def _elements(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the elements that commas separate."""
    elements: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == "," and token.depth == tokens[0].depth:
            elements.append([])
        else:
            elements[-1].append(token)
    return [each for each in elements if each]


def _union(ours: list[list[Token]], theirs: list[list[Token]]) -> list[list[Token]] | None:
    """Return the elements of both; None if they have different values of the same name."""
    own = [keys_of(each) for each in ours]
    names = {_name(each) for each in ours}
    others = [each for each in theirs if keys_of(each) not in own]
    return None if names & {_name(each) for each in others} else [*ours, *others]


def _name(element: list[Token]) -> str:
    """Return the name or key of an element of a mapping or call; otherwise the element."""
    texts = [token.text for token in element if not token.is_comment]
    end = next((at for at, text in enumerate(texts) if text in {":", "="}), len(texts))
    return " ".join(texts[:end])


def _list(elements: list[list[Token]], *, start: bool, end: bool) -> list[Token]:
    tokens = [COMMA] if start else []
    for each in elements:
        tokens += each if all(token.is_comment for token in each) else [*each, COMMA]
    return tokens[:-1] if tokens[-1] is COMMA and not end else tokens


def _is_comma(*tokens: Token) -> list[bool]:
    return [token.text == "," for token in tokens]


def _run_together(before: str, after: str) -> bool:
    """Return whether two tokens would be read as others without a space between them."""
    if _is_word(before[-1]):
        return _is_word(after[0]) or after[0] in "\"'"
    return before[-1] in _OPERATORS and after[0] in _OPERATORS


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_OPERATORS = set("+-*/%@&|^~<>=!:")


def _has(lines: Sequence[object], part: Sequence[object]) -> bool:
    """Return whether lines have others among them, in one piece."""
    starts = range(len(lines) - len(part) + 1)
    return any(lines[start : start + len(part)] == part for start in starts)


def _column(line: Line) -> int:
    return line[0].key[0] or 0


def _least_column(lines: Sequence[Line]) -> int:
    return min(_column(line) for line in lines)
