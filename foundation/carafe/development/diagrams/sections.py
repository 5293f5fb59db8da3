"""Sections of a document: a flowchart with a row for each item, and a table of the items."""

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
    """Return as many sections as the items need; none without items.

    Args:
        title: of each section; several are numbered.
        items: in order.
        paths_of: returns the paths of an item.
        text: a sentence below each title; empty for none.
        table: the heading, and what returns the cells of an item; None for no table.
    """
    item_pages = pages(items, lambda each: rows_height(paths_of(each)))
    return [
        Section(
            part_title(title, number, len(item_pages)),
            text,
            rows([path for each in page for path in paths_of(each)]),
            (table[0], *map(table[1], page)) if table else (),
        )
        for number, page in enumerate(item_pages, start=1)
    ]


def part_title(title: str, number: int, count: int) -> str:
    """Return the title of one of several sections."""
    return title if count == 1 else f"{title} ({number} of {count})"


def flatten(groups: Iterable[Iterable[Section]]) -> tuple[Section, ...]:
    """Return the sections of all groups, in order."""
    return tuple(section for group in groups for section in group)
