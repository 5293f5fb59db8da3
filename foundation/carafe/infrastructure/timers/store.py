"""The port of a store of timers: documents that want to be called."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from carafe.domain.timers import ActiveTimer, Timers


class TimedDocument(Struct, frozen=True):
    """A document with timers.

    Attributes:
        collection: the aggregate's collection.
        id: the aggregate's id.
        version: the aggregate's.
        timers: all that are set.
        next_due: when the first of them calls; None if all are parked.
    """

    collection: str
    id: str
    version: int
    timers: Timers
    next_due: datetime | None

    @property
    def parked_since(self) -> datetime | None:
        """Since when a timer is parked; None if none is."""
        return min((each.parking.at for each in self.timers if each.parking), default=None)


class DueDocument(Struct, frozen=True):
    """A document whose next timer is due, or will be soon.

    Attributes:
        id: the aggregate's id.
        next_due: when its next timer calls.
    """

    id: str
    next_due: datetime


class TimerStore(Protocol):
    """The timers of one collection's documents."""

    def with_timers(self, identifiers: Sequence[str]) -> list[TimedDocument]:
        """Return those documents that have timers, in any order; but none that is damaged."""

    def due_until(
        self, until: datetime, at: datetime, limit: int, after: DueDocument | None
    ) -> list[DueDocument]:
        """Return documents whose next timer is due by a time, unless a nudge is under way.

        Args:
            until: up to when.
            at: the present.
            limit: at most so many.
            after: the last document of the previous batch; None for the first batch.
        """

    def claim(self, until: Mapping[DueDocument, datetime]) -> None:
        """Note that nudges are under way; documents whose next timer is another by now stay free.

        Args:
            until: for each document, how long other sweeps leave it alone.
        """

    def replace(self, document: TimedDocument, timer: ActiveTimer, claimed_until: datetime) -> bool:
        """Replace a timer by another with its id, unless the document changed since it was read.

        The version stays: it is bookkeeping and no change of the aggregate.

        Returns:
            Whether it was replaced.
        """

    def oldest_due(self) -> datetime | None:
        """Return when the timer is due that is due first; None if none is set."""

    def parked_count(self) -> int:
        """Return how many documents have a parked timer."""

    def waiting(
        self, until: datetime, limit: int, after: TimedDocument | None
    ) -> list[TimedDocument]:
        """Return documents whose next timer calls by a time, the first in front.

        Args:
            until: up to when.
            limit: at most so many.
            after: the last document of the previous page; None for the first page.
        """

    def parked(self, limit: int, after: TimedDocument | None) -> list[TimedDocument]:
        """Return documents with a parked timer; that which was parked first stands in front.

        Args:
            limit: at most so many.
            after: the last document of the previous page; None for the first page.
        """
