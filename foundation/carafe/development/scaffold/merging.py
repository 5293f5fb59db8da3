"""Merges the changes that two sides made to a common base, where they leave each other alone."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from .additions import both_additions, both_lines, separated
from .logical_lines import Line, Token, keys_of

Item = TypeVar("Item")

Conflict = Callable[[Sequence[Item], Sequence[Item], Sequence[Item]], list[Item] | None]
"""Settles base, ours and theirs where all differ; None if it cannot be settled."""


def merge_lines(base: list[Line], ours: list[Line], theirs: list[Line]) -> list[Line] | None:
    """Return our logical lines with their changes; None if both changed the same.

    Where both changed one line, its tokens are merged: elements that both added to a list stand
    beside each other, ours first.
    """
    return _merge(base, ours, theirs, _line_key, _merge_tokens_of)


def _merge_tokens_of(
    base: Sequence[Line], ours: Sequence[Line], theirs: Sequence[Line]
) -> list[Line] | None:
    if not base:
        return both_lines(ours, theirs)
    tokens = _merge(
        [token for line in base for token in line],
        [token for line in ours for token in line],
        [token for line in theirs for token in line],
        _token_key,
        both_additions,
    )
    separate = None if tokens is None else separated(tokens)
    return None if separate is None else [tuple(separate)]


def _line_key(line: Line) -> Hashable:
    return tuple(keys_of(line))


def _token_key(token: Token) -> Hashable:
    return token.key


def _merge(
    base: Sequence[Item],
    ours: Sequence[Item],
    theirs: Sequence[Item],
    key: Callable[[Item], Hashable],
    settle: Conflict[Item],
) -> list[Item] | None:
    """Return a three-way merge; what all sides have in common is ours."""
    keys = [[key(each) for each in items] for items in (base, ours, theirs)]
    merged: list[Item] = []
    start = (0, 0, 0)
    for stop, length in _common(*keys):
        sides = [range(first, last) for first, last in zip(start, stop, strict=True)]
        merged_gap = _gap(
            [
                items[side.start : side.stop]
                for items, side in zip((base, ours, theirs), sides, strict=True)
            ],
            [each[side.start : side.stop] for each, side in zip(keys, sides, strict=True)],
            settle,
        )
        if merged_gap is None:
            return None
        merged += [*merged_gap, *ours[stop[1] : stop[1] + length]]
        start = (stop[0] + length, stop[1] + length, stop[2] + length)
    return merged


def _gap(
    items: list[Sequence[Item]], keys: list[list[Hashable]], settle: Conflict[Item]
) -> list[Item] | None:
    """Return the merge of what lies between two common stretches."""
    base, ours, theirs = items
    if keys[1] in (keys[0], keys[2]):
        return list(theirs if keys[1] == keys[0] else ours)
    if keys[2] == keys[0]:
        return list(ours)
    return settle(base, ours, theirs)


def _common(
    base: list[Hashable], ours: list[Hashable], theirs: list[Hashable]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """Yield where stretches begin that all have, with their lengths; at last the common end."""
    left, right = (
        {
            block.a + offset: block.b + offset
            for block in SequenceMatcher(None, base, side, autojunk=False).get_matching_blocks()
            for offset in range(block.size)
        }
        for side in (ours, theirs)
    )
    position = 0
    while position < len(base):
        if position not in left or position not in right:
            position += 1
            continue
        length = 1
        while (
            left.get(position + length) == left[position] + length
            and right.get(position + length) == right[position] + length
        ):
            length += 1
        yield (position, left[position], right[position]), length
        position += length
    yield (len(base), len(ours), len(theirs)), 0
