"""Processes and timers under test, without servers: given these events, when, after, then.

    def test_a_member_who_does_not_answer_gets_a_letter() -> None:
        conversation = Conversation(service, Reminding, handlers=handlers)
        conversation.given(LoanOpenedV1(loan_id="l-1", member="maria"))
        conversation.after(timedelta(days=3)).then(SendLetter(member="maria"))

    def handlers(remindings: Repository[Reminding], clock: Clock) -> list[Table]:
        return [ReminderEvents(remindings, clock).handlers(), ReminderTimers(...).handlers()]

Every message is delivered twice, as any message may be, and must take effect once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from carafe.api.handlers import joined
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import Caller, CommandContext, DueTimer, TimerCall
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, collection_of
from carafe.domain.timers import ActiveTimer, Timer, next_timer
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.identifiers import digest_of, new_id, timer_command_id

from .clock import StoppedClock
from .contexts import a_context
from .recording import RecordingOutbox
from .stores import CURSORS

A = TypeVar("A", bound=AggregateRoot)

Table = Mapping[type[Any], Callable[[Any, Any], CommandResult]]
"""Handlers by message, as the classes in `chalicelib/api` return them."""

Message = IntegrationEvent | Command

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
"""When a conversation begins: a Monday at noon."""

MOST_CALLS = 10_000
"""More would be a timer that sets itself again and again."""


class Conversation:
    """A process, or any aggregates with timers, in the memory of the test.

    Args:
        service: whose they are; its contracts tell what leaves.
        aggregates: the classes that are kept.
        handlers: returns tables of handlers; called with the repositories, in the order of the
            classes, and the clock.
        start: when the conversation begins.
    """

    def __init__(
        self,
        service: Declaration[Any],
        *aggregates: type[AggregateRoot],
        handlers: Callable[..., Sequence[Table]],
        start: datetime = START,
    ) -> None:
        self.clock = StoppedClock(start)
        self._service = service
        self._outbox = RecordingOutbox(service, self.clock)
        self._repositories = {each: self._make_repository(each) for each in aggregates}
        self._handlers = joined(handlers(*self._repositories.values(), self.clock))

    def repository(self, aggregate: type[A]) -> MemoryRepository[A]:
        """Return what keeps the aggregates of a class."""
        return self._repositories[aggregate]

    def only(self, aggregate: type[A]) -> A:
        """Return the aggregate of a class of which there is one."""
        found = list(self.repository(aggregate).stream())
        assert len(found) == 1, f"there are {len(found)} aggregates of {aggregate.__name__}"
        return found[0]

    def given(self, *messages: Message | AggregateRoot) -> Self:
        """Let something have happened; what was sent up to now is not asked for any more.

        Args:
            messages: events and commands, which are handled; aggregates, which are stored.
        """
        for each in messages:
            if isinstance(each, AggregateRoot):
                self.repository(type(each)).add(each, a_context())
            else:
                self._deliver(each)
        self._outbox.taken()
        return self

    def when(self, *messages: Message) -> Self:
        """Let events or commands come, one after the other."""
        for each in messages:
            self._deliver(each)
        return self

    def after(self, by: timedelta) -> Self:
        """Let so much time pass; timers that are due meanwhile call at their time, in order."""
        end = self.clock() + by
        for _ in range(MOST_CALLS):
            due = self._next_due()
            if due is None or due[1].next_call > end:
                self.clock.advance(end - self.clock())
                return self
            aggregate, timer = due
            self.clock.advance(max(timer.next_call - self.clock(), timedelta()))
            self._call(aggregate, timer)
        raise AssertionError(f"timers call more than {MOST_CALLS} times in {by}")

    def refuse(self, command: type[DomainCommand], code: str = "refused") -> Self:
        """Let the receiver of the latest command of a kind refuse it.

        Args:
            command: its class.
            code: the reason.
        """
        contract = self._service.sent.get(command)
        assert contract is not None, f"{command.__name__} has no contract in SENT"
        assert issubclass(contract, OutgoingCommand), f"{command.__name__} stays in the service"
        refusals = [
            each
            for each in self._handlers
            if issubclass(each, CommandRefused) and each.publisher() == contract.receiver()
        ]
        assert refusals, f"no handler hears of refusals by {contract.receiver()}"
        refused = refusals[0](command_id=self._outbox.latest_id(command), code=code)
        return self.when(refused)

    def then(self, *expected: DomainCommand | DomainEvent) -> Self:
        """Require that exactly this was sent and recorded since the last `given` or `then`.

        Args:
            expected: commands and events of the domain, in this order; none for nothing.
        """
        there = self._outbox.taken()
        if there != list(expected):
            raise AssertionError(
                f"expected, in this order:\n{_lines(expected)}\nbut there was:\n{_lines(there)}"
            )
        return self

    def _make_repository(self, aggregate: type[AggregateRoot]) -> MemoryRepository[Any]:
        kind: type[MemoryRepository[Any]] = type(
            f"{aggregate.__name__}InMemory", (MemoryRepository,), {"aggregate": aggregate}
        )
        return kind(self._outbox, self._outbox.nudge, CURSORS, self.clock)

    def _deliver(self, message: Message) -> None:
        """Handle a message, and the same once more."""
        handler = self._handlers.get(type(message))
        assert handler is not None, f"{type(message).__name__} has no handler"
        context = _context_of(message)
        handler(message, context)
        before = self._outbox.count
        handler(message, context)
        assert self._outbox.count == before, (
            f"{type(message).__name__} took effect twice: its handler must use `create`, `change`, "
            "`begin` or `advance` with its context"
        )

    def _next_due(self) -> tuple[AggregateRoot, ActiveTimer] | None:
        """Return the timer that calls first, with its aggregate."""
        due = [
            (aggregate, timer)
            for repository in self._repositories.values()
            for aggregate in repository.stream()
            if (timer := next_timer(aggregate.timers))
        ]
        return min(due, key=lambda each: (each[1].next_call, each[0].id), default=None)

    def _call(self, aggregate: AggregateRoot, timer: ActiveTimer) -> None:
        collection = collection_of(type(aggregate))
        kind = self._kind_of(collection, timer)
        call = TimerCall(aggregate.id, timer.occurrence, self.clock())
        context = CommandContext(
            command_id=timer_command_id(collection, aggregate.id, timer.occurrence),
            digest=timer.id,
            caller=Caller(subject=f"/{self._service.name}", scopes=frozenset()),
            correlation_id=timer.correlation_id or new_id(),
            timer_call=call,
        )
        self._handlers[kind](DueTimer(aggregate.id, kind, timer.key, timer.due), context)
        assert call.is_settled, f"the handler of {kind.__name__} must use `change` or `deadlines`"

    def _kind_of(self, collection: str, timer: ActiveTimer) -> type[Timer]:
        kind = self._service.timer_kinds.get((collection, timer.name))
        assert kind in self._handlers, f"the timer {timer.name} of {collection} has no handler"
        return kind


def _context_of(message: Message) -> CommandContext:
    scopes = {message.scope} if isinstance(message, Command) else set()
    caller = Caller(subject="somebody", scopes=frozenset(scopes))
    name = type(message).__name__
    return CommandContext(
        command_id=new_id(), digest=digest_of(name, message), caller=caller, correlation_id=new_id()
    )


def _lines(recorded: Sequence[DomainCommand | DomainEvent]) -> str:
    return "\n".join(f"  {each!r}" for each in recorded) or "  nothing"
