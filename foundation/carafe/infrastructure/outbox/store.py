"""The port of what keeps the outboxes: documents with events that wait for the bus."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from .outbox import Envelope


class PendingDocument(Struct, eq=False):
    """A document with events that wait, and how far they have come.

    Attributes:
        collection: where it lies.
        id: the aggregate's id.
        events: the oldest of its pending events, oldest first.
        complete: there are no more than these.
        since: when its oldest event began to wait.
        confirmed: ids of the events that the bus has confirmed, oldest first.
        held_back: an event was not confirmed; the later ones must not overtake it.
        parked: its next event can never be published.
    """

    collection: str
    id: str
    events: list[Envelope]
    complete: bool
    since: datetime
    confirmed: list[str] = field(default_factory=list)
    held_back: bool = False
    parked: bool = False

    @property
    def next_event(self) -> Envelope | None:
        """The oldest event not yet confirmed, if it may go out."""
        if self.held_back or len(self.confirmed) == len(self.events):
            return None
        return self.events[len(self.confirmed)]

    @property
    def drained(self) -> bool:
        """No event of it waits any longer."""
        return self.complete and len(self.confirmed) == len(self.events)


class OutboxStore(Protocol):
    """The outboxes of one collection's documents."""

    def pending(self, identifiers: Sequence[str]) -> list[PendingDocument]:
        """Return those of the documents that have pending events, by one query."""

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        """Return documents whose events wait for long, those waiting longest first.

        Args:
            older_than_seconds: waiting since before then.
            limit: at most so many.
            after: go on behind this one, the last of the batch before.
        """

    def remove(self, confirmed: Mapping[str, Sequence[str]]) -> None:
        """Take events out of their documents, by document id and event ids, in one call.

        What is gone already, and what was added meanwhile, is left as it is.
        """

    def park(self, identifier: str) -> None:
        """Set a document aside whose oldest event can never be published.

        It is not returned again until a person, or its next commit, brings it back.
        """

    def oldest_since(self) -> datetime | None:
        """Return since when the event that waits longest has waited; None if none waits."""
