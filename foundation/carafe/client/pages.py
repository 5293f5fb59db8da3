"""Lists that come page by page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """Some items, and the cursor of the next page if there is one."""

    @property
    def items(self) -> Sequence[Item_co]:
        """What the page holds."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins."""


class Pages(Generic[Item]):
    """All items of a list; a page is fetched when the iteration comes to it.

    Args:
        fetch: returns the page at a cursor; None stands for the first.
    """

    def __init__(self, fetch: Callable[[str | None], Page[Item]]) -> None:
        self._fetch = fetch

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[Item]]:
        """Yield the pages one by one, for those who keep the cursor of where they were."""
        page = self._fetch(None)
        yield page
        while page.next_cursor is not None:
            page = self._fetch(page.next_cursor)
            yield page
