"""A process on trial: its real handlers on a repository in memory, which can be set back.

There is nothing else: a handler that asks another aggregate, a port or a setting without a default
cannot be tried, and `Unavailable` says what it asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from carafe.api.handlers import MakeHandlers
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import Caller, CommandContext, DueTimer, TimerCall
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.errors import DomainError
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, Identified, collection_of
from carafe.domain.process import Process
from carafe.domain.timers import ActiveTimer, Timer
from carafe.infrastructure.cqrs.processes import advance
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository
from carafe.infrastructure.database.memory.uniqueness import UniqueIndexes
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.identifiers import new_id, timer_command_id
from carafe.infrastructure.outbox.outbox import Outbox

from .stand_ins import Missing, StandIn

P = TypeVar("P", bound=Process)

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

THEME = "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"
"""What all messages are about, and who sends commands: in the form of an id."""

Message = IntegrationEvent | Command
Handler = Callable[[Any, CommandContext], object]
Document = dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """A process at a moment.

    Attributes:
        document: as it is stored; None before it begins.
        at: the moment.
    """

    document: Document | None = None
    at: datetime = START


@dataclass(frozen=True)
class Outcome:
    """What became of a process.

    Attributes:
        snapshot: afterwards.
        recorded: what was committed to be sent, in order: commands and events.
        command_ids: of the commands among them that have one, by id.
    """

    snapshot: Snapshot
    recorded: tuple[type[DomainCommand | DomainEvent], ...]
    command_ids: dict[str, type[DomainCommand]]


class Trial(Generic[P]):
    """A process and its handlers.

    Args:
        process: its class.
        service: whose process it is.
        make_handlers: returns the handlers of the service.
    """

    def __init__(
        self, process: type[P], service: Declaration[Any], make_handlers: MakeHandlers
    ) -> None:
        self.process = process
        self._service = service
        self._now = START
        self._repository = _repository_of(process, service, self.clock)
        container: Any = StandIn(service, self.clock, self.repository)
        self._handlers = make_handlers(container)

    def handlers(self) -> Iterator[tuple[type[Message], Handler]]:
        """Yield every handler of a command, or of a message from the inbox."""
        for events in self._handlers.events:
            yield from events.items()
        for commands in self._handlers.commands:
            yield from commands.items()

    def process_in(self, snapshot: Snapshot) -> P:
        """Return the process; it must have begun."""
        self._set_back(snapshot)
        (document,) = self._repository.documents.values()
        return self._repository.get(document["_id"])

    def deliver(self, handler: Handler, message: Message, before: Snapshot) -> Outcome | None:
        """Let a message come.

        Returns:
            None if it is refused, or about another process.

        Raises:
            Unavailable: the handler asks for something else.
        """
        scopes = {message.scope} if isinstance(message, Command) and message.scope else set()
        caller = Caller(subject=THEME, scopes=frozenset(scopes))
        # Each has an id of its own, so nobody asks whether it has the digest of an earlier one.
        context = CommandContext(new_id(), "", caller, new_id())
        return self._try(before, lambda: handler(message, context))

    def call(self, timer: ActiveTimer, before: Snapshot) -> Outcome | None:
        """Let a timer call, at its time or now, as `deliver`."""
        process = self.process_in(before)
        collection = collection_of(self.process)
        kind = self.kind_of(timer)
        at = max(timer.next_call, before.at)
        context = CommandContext(
            command_id=timer_command_id(collection, process.id, timer.occurrence),
            digest=timer.id,
            caller=Caller(subject=f"/{self._service.name}", scopes=frozenset()),
            correlation_id=new_id(),
            timer_call=TimerCall(process.id, timer.occurrence, at),
        )
        due = DueTimer(process.id, kind, timer.key, timer.due)
        handler = next(table[kind] for table in self._handlers.timers if kind in table)
        return self._try(Snapshot(before.document, at), lambda: handler(due, context))

    def resume(self, before: Snapshot, *, is_undone_by_hand: bool) -> Outcome | None:
        """Let a person resume the process, as `deliver`."""
        process = self.process_in(before)
        context = CommandContext(new_id(), "", Caller(THEME, frozenset()), new_id())

        def resume(process: P) -> None:
            process.resume(at=before.at, is_undone_by_hand=is_undone_by_hand)

        return self._try(before, lambda: advance(self._repository, process.id, context, resume))

    def kind_of(self, timer: ActiveTimer) -> type[Timer]:
        """Return the kind of a timer that the process has set."""
        return self._service.timer_kinds[collection_of(self.process), timer.name]

    def repository(self, aggregate: type[AggregateRoot]) -> object:
        """Return what keeps an aggregate: nothing, unless it is the process."""
        return self._repository if aggregate is self.process else Missing(aggregate.__name__)

    def clock(self) -> datetime:
        """Return the present of the trial."""
        return self._now

    def _set_back(self, snapshot: Snapshot) -> None:
        self._now = snapshot.at
        self._repository.set_back(snapshot.document)

    def _try(self, before: Snapshot, act: Callable[[], object]) -> Outcome | None:
        self._set_back(before)
        try:
            act()
        except DomainError:
            return None
        documents = list(self._repository.documents.values())
        if len(documents) != 1:
            return None
        return Outcome(
            Snapshot(documents[0], self._now),
            tuple(type(each) for each in _bare(self._repository.recorded)),
            {
                each.id: type(each.command)
                for each in self._repository.recorded
                if isinstance(each, Identified)
            },
        )


class _RecordingRepository(MemoryRepository[P]):
    """Keeps one process, and what its commits left to be sent."""

    recorded: Sequence[DomainCommand | DomainEvent | Identified] = ()

    @property
    def documents(self) -> dict[str, Document]:
        return self._documents

    def set_back(self, document: Document | None) -> None:
        self.recorded = ()
        self._documents.clear()
        if document is not None:
            self._documents[document["_id"]] = document | {"pending": [], "handled": []}
        self._unique = UniqueIndexes(self.aggregate)
        for each in self._documents.values():
            self._unique.move(None, each)

    def add(self, aggregate: P, context: CommandContext) -> CommandResult:
        return self._recording(aggregate, super().add, context)

    def save(self, aggregate: P, context: CommandContext) -> CommandResult:
        return self._recording(aggregate, super().save, context)

    def _recording(
        self,
        aggregate: P,
        commit: Callable[[P, CommandContext], CommandResult],
        context: CommandContext,
    ) -> CommandResult:
        recorded = tuple(aggregate.recorded)  # a commit clears it
        result = commit(aggregate, context)
        self.recorded = (*self.recorded, *recorded)
        return result


def _repository_of(
    process: type[P], service: Declaration[Any], clock: Callable[[], datetime]
) -> _RecordingRepository[P]:
    outbox = Outbox(service.name, service.published, sent=service.sent, clock=clock)
    kind = type(f"{process.__name__}OnTrial", (_RecordingRepository,), {"aggregate": process})
    repository: _RecordingRepository[P] = kind(outbox, _do_nothing, Cursors(THEME), clock)
    return repository


def _do_nothing(*_arguments: object) -> None:
    """Nudge nobody."""


def _bare(recorded: Sequence[Any]) -> Iterator[DomainCommand | DomainEvent]:
    return (each.command if isinstance(each, Identified) else each for each in recorded)
