"""The port of a store of outboxes: documents with events and commands that wait to be sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from .outbox import PendingEntry


class PendingDocument(Struct, eq=False):
    """A document with pending events or commands, and the progress of relaying them.

    Attributes:
        collection: the aggregate's collection.
        id: the aggregate's id.
        events: its oldest pending entries, of events and commands, oldest first.
        complete: whether `events` holds all of its pending entries.
        pending_since: when its oldest entry began to wait.
        confirmed_ids: ids of the entries that have been confirmed, oldest first.
        held_back: whether an entry was not confirmed; later ones must not overtake it.
        parked: whether its next entry can never be sent.
    """

    collection: str
    id: str
    events: list[PendingEntry]
    complete: bool
    pending_since: datetime
    confirmed_ids: list[str] = field(default_factory=list)
    held_back: bool = False
    parked: bool = False

    @property
    def next_event(self) -> PendingEntry | None:
        """The oldest unconfirmed entry, if it may be sent."""
        if self.held_back or len(self.confirmed_ids) == len(self.events):
            return None
        return self.events[len(self.confirmed_ids)]

    @property
    def drained(self) -> bool:
        """Whether nothing of it is pending any more."""
        return self.complete and len(self.confirmed_ids) == len(self.events)


class OutboxStore(Protocol):
    """The outboxes of one collection's documents."""

    def pending(self, identifiers: Sequence[str]) -> list[PendingDocument]:
        """Return the documents that have pending events, with a single query."""

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        """Return documents whose events are overdue, those waiting longest first.

        Args:
            older_than_seconds: how long an event must have waited.
            limit: maximum number of documents.
            after: the last document of the previous batch; None for the first batch.
        """

    def remove(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        """Remove events from their documents, by document id and event ids, in one call.

        Events already removed are ignored, and events added meanwhile stay.
        """

    def park(self, identifier: str) -> None:
        """Set a document aside whose oldest event can never be published.

        It is not returned until a person, or its next commit, takes it up again.
        """

    def oldest_pending_since(self) -> datetime | None:
        """Return when the oldest pending event began to wait; None if there is none."""
