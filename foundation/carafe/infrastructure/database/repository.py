"""The port that every aggregate's repository fills, whatever the store."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from carafe.contracts.base import CommandResult, Contract
from carafe.contracts.envelope import CommandContext
from carafe.contracts.views import View
from carafe.domain.model import AggregateRoot

from .criteria import Criterion

A = TypeVar("A", bound=AggregateRoot)
V = TypeVar("V", bound=Contract)
I = TypeVar("I")  # noqa: E741 - item

LARGEST_PAGE = 1_000


class Nudge(Protocol):
    """Hurries what a commit left to do."""

    def __call__(self, collection: str, identifier: str, due: datetime | None = None, /) -> None:
        """Hurry the pending events of an aggregate, or a timer.

        Args:
            collection: the aggregate's.
            identifier: the aggregate's.
            due: when a timer of it calls; None for its events.
        """


class Page(Struct, Generic[I], frozen=True):
    """Some items.

    Attributes:
        items: in order.
        next_cursor: where the next page begins; None on the last one.
    """

    items: list[I]
    next_cursor: str | None


class Repository(Protocol[A]):
    """Keeps aggregates, their events until they are relayed, and the commands they handled.

    Each of add, save and delete commits state, events and command id in one write, and
    returns the first result when the command was handled before. An aggregate remembers the
    command that created it for good, and any other one for 24 hours or until a thousand later
    ones; the latest hundred are remembered however old they are.

    All raise StoreUnavailable when the store does not answer in time; those that write also
    EventTooLarge, OutboxFull, and CommandMismatch when the command's id came before with
    another content.
    """

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate.

        Raises:
            AlreadyExists: its id or a unique attribute is taken.
        """

    def get(self, identifier: str) -> A:
        """Return an aggregate.

        Raises:
            NotFound: there is none, or it was deleted.
        """

    def exists(self, identifier: str) -> bool:
        """Return whether there is such an aggregate, not deleted."""

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or the first result of a repeated command.

        Raises:
            NotFound: there is none, or it was deleted.
        """

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, if this aggregate handled it.

        A deleted aggregate still answers, until its tombstone goes.
        """

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state of an aggregate.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: there is none, or it was deleted since.
            AlreadyExists: a unique attribute is taken by another one.
        """

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Delete an aggregate; its last events are relayed all the same.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: there is none, or it was deleted since.
        """

    def find(
        self,
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[A]:
        """Return a page of the aggregates that meet all criteria.

        Args:
            criteria: none for every aggregate.
            order: attribute names, `-` in front for downwards; the id settles ties.
            limit: at most so many, 1 to 1,000.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidValue: the cursor is not one of this query's.
            ValueError: the limit is out of range; a criterion or the order names an unknown
                attribute; or the order names an optional, repeated or composite attribute, by
                which nothing can be sorted.
            TypeError: `one_of` was given a single value.
        """

    def find_views(
        self,
        view: View[V, A],
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[V]:
        """Return a page of views, as `find` does of aggregates.

        A store may read no more of each aggregate than the view needs.

        Args:
            view: what to show of each aggregate.
            criteria: as `find`, and so are the others.
            order: attribute names.
            limit: at most so many views.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidValue, ValueError, TypeError: as `find`.
        """

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, holding only some at a time.

        Aggregates that are added or deleted meanwhile may be left out; no other is skipped, and
        none is repeated.

        Raises:
            ValueError, TypeError: as `find`, when the first aggregate is read.
        """


def require_page_size(limit: int) -> None:
    """Require that a page has a possible size.

    Raises:
        ValueError: it is not 1 to 1,000.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValueError(f"a page has 1 to {LARGEST_PAGE} items, not {limit}")


def items_of_all_pages(page_behind: Callable[[str | None], Page[I]]) -> Iterator[I]:
    """Yield the items of one page after the other, holding only one page.

    Args:
        page_behind: returns the page behind a cursor; None for the first one.
    """
    cursor: str | None = None
    while True:
        page = page_behind(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
