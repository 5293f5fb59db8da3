"""An outbox that remembers what was committed, as the domain knows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from carafe.contracts.envelope import CommandContext
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, Identified
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.outbox.outbox import Outbox, PendingEntry, message_id_of


class RecordingOutbox(Outbox):
    """Remembers events and commands in the order of the commits, for one thread.

    Args:
        service: whose contracts tell them.
        clock: returns the present.
    """

    def __init__(self, service: Declaration[Any], clock: Callable[[], datetime]) -> None:
        super().__init__(service.name, service.published, sent=service.sent, clock=clock)
        self._uncommitted: dict[str, list[tuple[str, DomainCommand | DomainEvent]]] = {}
        self._committed: list[tuple[str, DomainCommand | DomainEvent]] = []
        self._taken = 0

    @property
    def count(self) -> int:
        """How many events and commands were committed."""
        return len(self._committed)

    def entries(self, aggregate: AggregateRoot, context: CommandContext) -> list[PendingEntry]:
        """Return the pending entries, as `Outbox.entries`."""
        entries = super().entries(aggregate, context)
        recorded = [
            each.command if isinstance(each, Identified) else each for each in aggregate.recorded
        ]
        ids = map(message_id_of, entries)
        self._uncommitted[aggregate.id] = list(zip(ids, recorded, strict=True))
        return entries

    def nudge(self, collection: str, identifier: str, due: datetime | None = None, /) -> None:
        """Remember a commit; the `Nudge` of repositories."""
        del collection
        if due is None:
            self._committed += self._uncommitted.pop(identifier)

    def taken(self) -> list[DomainCommand | DomainEvent]:
        """Return what was committed since this was asked last."""
        new = [each for _, each in self._committed[self._taken :]]
        self._taken = len(self._committed)
        return new

    def latest_id(self, command: type[DomainCommand]) -> str:
        """Return the id of the latest command of a kind.

        Raises:
            AssertionError: there is none.
        """
        ids = [identifier for identifier, each in self._committed if isinstance(each, command)]
        assert ids, f"no {command.__name__} was sent"
        return ids[-1]
