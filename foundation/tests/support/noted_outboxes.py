"""Outboxes and a bus that note what a relay asks of them, and answer at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from carafe.infrastructure.errors import BusUnavailable, StoreUnavailable
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.own_commands import OwnCommands
from carafe.infrastructure.outbox.store import PendingDocument

from .stopped_time import PRESENT


def a_document(name: str, entries: int = 1, collection: str = "boxes") -> PendingDocument:
    """Return a document with so many events that wait."""
    return document_of(name, *[{}] * entries, collection=collection)


def document_of(
    name: str, *entries: Mapping[str, object], collection: str = "boxes"
) -> PendingDocument:
    """Return a document with entries that wait; what is not said of them is as of an event."""
    events = [
        {"id": f"{name}-{number}", "type": "a.b.c.v1", "body": "{}", **each}
        for number, each in enumerate(entries)
    ]
    return PendingDocument(collection, name, events, complete=True, pending_since=now())


class Outboxes:
    """A store of outboxes.

    Attributes:
        documents: in it; each may be replaced.
        removed: ids of the documents of each removal.
        removed_events: ids of the entries of all removals.
        parked: ids of the documents that were set aside.
        asked: ids of the documents behind which overdue ones were asked for.
    """

    def __init__(self, *names: str, oldest: datetime | None = None, fails: str = "") -> None:
        self.documents = [a_document(each) for each in names]
        self.removed: list[list[str]] = []
        self.removed_events: list[str] = []
        self.parked: list[str] = []
        self.asked: list[str | None] = []
        self._oldest = oldest
        self._fails = fails

    def pending(self, identifiers: Sequence[str]) -> list[PendingDocument]:
        return [each for each in self.documents if each.id in identifiers]

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        assert older_than_seconds == 7
        self.asked.append(after.id if after else None)
        begin = self.documents.index(after) + 1 if after else 0
        return self.documents[begin : begin + limit]

    def remove(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        self.removed.append(list(event_ids))
        self.removed_events += [each for ids in event_ids.values() for each in ids]
        if self._fails in event_ids:
            raise StoreUnavailable("away")

    def park(self, identifier: str) -> None:
        self.parked.append(identifier)

    def oldest_pending_since(self) -> datetime | None:
        return self._oldest


class Bus:
    """Takes what is sent, and confirms it unless told otherwise.

    Attributes:
        waves: the ids of each wave.
        ways: where each wave went.
        messages: all of them.
        seconds: how long each wave may be awaited.
    """

    def __init__(
        self, outcomes: Mapping[str, Outcome] | None = None, away_after: int | None = None
    ) -> None:
        self.waves: list[list[str]] = []
        self.ways: list[str] = []
        self.messages: list[Message] = []
        self.seconds: list[float] = []
        self._outcomes = outcomes or {}
        self._away_after = away_after

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        return self.take("events", messages, deadline)

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        return self.take("commands", messages, deadline)

    def take(self, way: str, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Note a wave, and return its outcomes."""
        if len(self.waves) == self._away_after:
            raise BusUnavailable("away")
        self.waves.append([each.id for each in messages])
        self.ways.append(way)
        self.messages += messages
        self.seconds.append(deadline - PRESENT)
        return {each.id: self._outcomes.get(each.id, Outcome.CONFIRMED) for each in messages}


class OwnQueue(OwnCommands):
    """The service's own queue.

    Args:
        bus: notes what it takes.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        return self._bus.take("queue", messages, deadline)
