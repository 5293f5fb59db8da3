"""The port that every aggregate's repository fills, whatever the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from chalicelib.contracts.base import CommandResult
from chalicelib.contracts.envelope import CommandContext
from chalicelib.domain.model import AggregateRoot

from .criteria import Criterion

A = TypeVar("A", bound=AggregateRoot)
I = TypeVar("I")  # noqa: E741 - item

LARGEST_PAGE = 1_000


@dataclass(frozen=True)
class Page(Generic[I]):
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
    returns the first result when the command was handled before.

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
        """Tell whether there is such an aggregate, not deleted."""

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or the first result of a repeated command.

        Raises:
            NotFound: there is none, or it was deleted.
        """

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, if this aggregate handled it."""

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state of an aggregate.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: it was deleted since.
        """

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Delete an aggregate; its last events are relayed all the same.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: it was deleted since.
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
            ValueError: a criterion or the order names an attribute that there is not.
        """

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, holding only some at a time."""
