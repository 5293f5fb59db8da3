"""Sections of rows: one flowchart a screen, and a table of the same items below it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from .documents import Section
from .layout import pages, rows, rows_height
from .mermaid import Node

T = TypeVar("T")

Paths = Sequence[Sequence[Node]]


def row_sections(
    title: str,
    items: Sequence[T],
    paths_of: Callable[[T], Paths],
    text: str = "",
    table: tuple[tuple[str, ...], Callable[[T], tuple[str, ...]]] | None = None,
) -> list[Section]:
    """Return the sections that items need; none without items.

    Args:
        title: of the section; of several, each says which it is.
        items: in order.
        paths_of: the rows of an item.
        text: a sentence below each title.
        table: the heading, and the cells of an item; None for no table.
    """
    cuts = pages(items, lambda each: rows_height(paths_of(each)))
    return [
        Section(
            part_title(title, number, len(cuts)),
            text,
            rows([path for each in cut for path in paths_of(each)]),
            (table[0], *map(table[1], cut)) if table else (),
        )
        for number, cut in enumerate(cuts, start=1)
    ]


def part_title(title: str, number: int, count: int) -> str:
    """Return the heading of a part."""
    return title if count == 1 else f"{title} ({number} of {count})"


def flat(sections: Iterable[Iterable[Section]]) -> tuple[Section, ...]:
    """Return sections of several kinds as one row."""
    return tuple(each for some in sections for each in some)
