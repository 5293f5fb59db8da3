"""What the tests of timers share."""

from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from carafe.contracts.envelope import CommandContext, TimerCall
from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.recurrence import Recurrence
from carafe.domain.timers import ActiveTimer, Timer
from carafe.infrastructure.identifiers import now, timer_command_id
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)

SOON = timedelta(minutes=14)
"""Due so soon, a timer is nudged by its commit."""

LATER = timedelta(minutes=16)
"""Due only then, it is not."""


class Bell(Timer):
    """A timer of the tests' own, which no service handles."""

    name: ClassVar[str] = "bell"


class TimerCase(RepositoryCase[A]):
    """Tests of timers, on aggregates that have none of their own."""

    def without_timers(self) -> A:
        """Return a new aggregate that has set no timer."""
        aggregate = self.an_aggregate()
        aggregate.timers, aggregate.has_changed_timers = (), False
        return aggregate

    def kept_with_timers(self, store: Store[A], *keys: str) -> A:
        """Return a new aggregate with timers that are due soon, added to the store."""
        aggregate = self.without_timers()
        for key in keys:
            ring(aggregate, SOON, key)
        store.repository.add(aggregate, a_context())
        store.nudged.timers.clear()
        return aggregate


def ring(aggregate: AggregateRoot, due: timedelta | Recurrence, key: str = "") -> ActiveTimer:
    """Set a timer, and return it."""
    aggregate.set_timer(Bell, due, at=now(), key=key)
    timer = aggregate.timer(Bell, key)
    assert timer is not None
    return timer


def sorted_timers(aggregate: AggregateRoot) -> list[ActiveTimer]:
    """Return the timers of an aggregate, by id."""
    return sorted(aggregate.timers, key=lambda timer: timer.id)


def call_of(aggregate: AggregateRoot, at: datetime, key: str = "") -> CommandContext:
    """Return the context in which a timer of a stored aggregate calls."""
    timer = aggregate.timer(Bell, key)
    assert timer is not None
    collection = collection_of(type(aggregate))
    context = a_context()
    return CommandContext(
        command_id=timer_command_id(collection, aggregate.id, timer.occurrence),
        digest=context.digest,
        caller=context.caller,
        correlation_id=context.correlation_id,
        timer_call=TimerCall(aggregate.id, timer.occurrence, at),
    )
