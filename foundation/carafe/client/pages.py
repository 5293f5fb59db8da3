"""Lists in pages."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """Some items, and the cursor of the next page, if any."""

    @property
    def items(self) -> Sequence[Item_co]:
        """The items on the page."""

    @property
    def next_cursor(self) -> str | None:
        """The start of the next page; None on the last one."""


class Pages(Generic[Item]):
    """All items of a list; each page is fetched when the iteration reaches it.

    Args:
        fetch: returns the page at a cursor; None means the first page.
    """

    def __init__(self, fetch: Callable[[str | None], Page[Item]]) -> None:
        self._fetch = fetch

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[Item]]:
        """Yield the pages one by one, for callers that store the cursor."""
        page = self._fetch(None)
        yield page
        while page.next_cursor is not None:
            page = self._fetch(page.next_cursor)
            yield page
