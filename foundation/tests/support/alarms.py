"""A small service of its own, whose timers do what a test wants."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pymongo.collection import Collection

from carafe import Settings
from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.domain.model import AggregateRoot, schema
from carafe.domain.recurrence import Recurrence
from carafe.domain.timers import ActiveTimer, Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.timer_calls import TimerCalls
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.timer_store import MongoTimerStore
from carafe.infrastructure.database.repository import Nudge, Repository
from carafe.infrastructure.identifiers import new_id
from carafe.infrastructure.service import Service
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from carafe.testing.stores import Nudged

Handler = Callable[[DueTimer, CommandContext], CommandResult]

ALARMS = "alarms"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Ring(Timer):
    """It rings."""

    name: ClassVar[str] = "ring"


class Snooze(Timer):
    """It rings once more."""

    name: ClassVar[str] = "snooze"


@schema(collection=ALARMS)
class Alarm(AggregateRoot):
    """Remembers what rang, in order."""

    rang: tuple[str, ...] = ()

    def ring(self, what: str) -> None:
        self.rang = (*self.rang, what)


class AlarmRepository(MongoRepository[Alarm]):
    """Keeps alarms."""

    aggregate = Alarm


def declared(clock: AdvanceableClock, *, knows_snooze: bool = True) -> Service[Settings]:
    """Return the service; older code of it does not know one of the timers."""
    service = Service(
        name=ALARMS,
        version="1.0.0",
        settings=Settings,
        root=Path("/nowhere"),
        repositories={Alarm: f"{__name__}:AlarmRepository"},
        published={},
    )
    service.clock = clock
    if not knows_snooze:
        service.timer_kinds = {(ALARMS, Ring.name): Ring}
    return service


@dataclass
class Alarms:
    """The service, on real servers.

    Attributes:
        service: as it is declared, wired by the environment.
        clock: its time.
        handlers: what a timer does instead of ringing.
        nudged: the nudges of its commits and calls.
        calls: the id of each timer whose handler was called, in order.
    """

    service: Service[Settings]
    clock: AdvanceableClock
    handlers: dict[type[Timer], Handler] = field(default_factory=dict)
    nudged: Nudged = field(default_factory=Nudged)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.functions = Functions(self.service, (), self._make_handlers)
        self.container.nudge = self.nudged  # type: ignore[method-assign]

    @property
    def container(self) -> Container[Settings]:
        return self.service.container()

    @property
    def repository(self) -> Repository[Alarm]:
        return self.container.repository(Alarm)

    @property
    def documents(self) -> Collection[dict[str, Any]]:
        return self.container.database[ALARMS]

    @property
    def store(self) -> MongoTimerStore:
        return self.container.timer_stores[ALARMS]

    def add(self, *timers: tuple[type[Timer], timedelta | Recurrence | datetime]) -> Alarm:
        """Store an alarm with timers."""
        alarm = Alarm(id=new_id())
        for timer, due in timers:
            alarm.set_timer(timer, due, at=self.clock())
        self.repository.add(alarm, a_context())
        return alarm

    def add_due(self, *timers: type[Timer]) -> Alarm:
        """Store an alarm whose timers are due, one second after the other."""
        dues = enumerate(timers or (Ring,), start=1)
        alarm = self.add(*((timer, number * SECOND) for number, timer in dues))
        self.clock.advance(MINUTE)
        self.nudged.timers.clear()
        return alarm

    def timer(self, alarm: Alarm, timer: type[Timer] = Ring) -> ActiveTimer:
        """Return a timer of an alarm as it is stored now."""
        found = self.get(alarm).timer(timer)
        assert found is not None
        return found

    def get(self, alarm: Alarm) -> Alarm:
        """Return an alarm as it is stored now."""
        return self.repository.get(alarm.id)

    def document(self, alarm: Alarm) -> dict[str, Any]:
        """Return the document of an alarm."""
        document = self.documents.find_one({"_id": alarm.id})
        assert document is not None
        return document

    def change(self, alarm: Alarm, apply: Callable[[Alarm], None]) -> None:
        """Change an alarm, as a command does."""
        change(self.repository, alarm.id, a_context(), apply)

    def call(self, *alarms: Alarm, due: datetime | None = None, seconds: float = 30) -> bool:
        """Call what is due of some alarms, as `execute` does for their nudge."""
        nudge = TimerNudge([each.id for each in alarms], ALARMS, due)
        return self.functions.call_timers(nudge, in_seconds(seconds))

    def calls_by(self, clock: Callable[[], datetime], nudge: Nudge) -> TimerCalls:
        """Return what calls timers, in a process with another clock."""
        return TimerCalls(
            ALARMS,
            self.functions.mediator,
            stores=self.container.timer_stores,
            kinds=self.service.timer_kinds,
            nudge=nudge,
            clock=clock,
        )

    def ring(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """Note in the alarm that a timer has called: its effect."""
        return change(
            self.repository, timer.aggregate_id, context, lambda alarm: alarm.ring(_id_of(timer))
        )

    def _make_handlers(self, container: Container[Any]) -> Handlers:
        del container
        return Handlers(timers=[dict.fromkeys(self.service.timer_kinds.values(), self._handle)])

    def _handle(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        self.calls.append(_id_of(timer))
        return self.handlers.get(timer.kind, self.ring)(timer, context)


def _id_of(timer: DueTimer) -> str:
    return f"{timer.kind.name}:{timer.key}" if timer.key else timer.kind.name


def in_seconds(seconds: float) -> float:
    """Return a deadline on the clock of `time.monotonic`."""
    return time.monotonic() + seconds
