"""A process with more steps than a picture holds, each of them undone by a command of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import msgspec

import carafe
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, refusal_type
from carafe.domain.model import DomainCommand, schema
from carafe.domain.process import Process, process_id
from carafe.domain.steps import Step
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.cqrs.processes import advance, begin, deadlines, refusal
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

from .two_services import Declared

NUMBERS = range(1, 7)
DAY = timedelta(days=1)


def _command(name: str) -> type[DomainCommand]:
    return schema()(type(name, (DomainCommand,), {"__doc__": name, "__module__": __name__}))


FORWARD = {number: _command(f"CarryOutTheStepWithNumber{number}") for number in NUMBERS}
BACK = {number: _command(f"TakeBackTheStepWithNumber{number}") for number in NUMBERS}


class TripOverdue(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "trip_overdue"


def _step(number: int) -> Step:
    return Step(
        name=f"the_step_with_number_{number}",
        within=DAY,
        undo=lambda _: BACK[number](),
        undo_within=DAY,
    )


STEPS = {number: _step(number) for number in NUMBERS}


@schema(collection="trips")
class Trip(Process):
    """A long way, with a way back from everywhere."""

    STEPS: ClassVar = tuple(STEPS.values())
    DEADLINE = TripOverdue

    def go(self, number: int, at: datetime) -> None:
        """Begin a step, or end behind the last one."""
        if number in STEPS:
            self.begin(STEPS[number], FORWARD[number](), at=at)
        else:
            self.end(at=at)

    def step_done(self, number: int, at: datetime) -> None:
        """Go on."""
        if self.complete(STEPS[number], at=at):
            self.go(number + 1, at)


class TripRepository(MongoRepository[Trip]):
    """Keeps trips."""

    aggregate = Trip


def _event(name: str, wire_type: str) -> type[IntegrationEvent]:
    namespace = {"wire_type": wire_type}
    fields = [("trip_id", str)]
    made: Any = msgspec.defstruct(
        name, fields, bases=(IntegrationEvent,), namespace=namespace, frozen=True
    )
    contract: type[IntegrationEvent] = made
    return contract


def _outgoing(command: type[DomainCommand], number: int, verb: str) -> type[OutgoingCommand]:
    letter = "abcdefgh"[number]
    namespace = {"wire_type": f"carrier.step_{letter}.{verb}.v1"}
    made: Any = msgspec.defstruct(
        f"{command.__name__}V1", [], bases=(OutgoingCommand,), namespace=namespace, frozen=True
    )
    contract: type[OutgoingCommand] = made
    return contract


class TripWanted(IntegrationEvent, frozen=True):
    """Somebody wants to go."""

    wire_type: ClassVar[str] = "carrier.trip.wanted.v1"
    trip_id: str


class CarrierRefused(CommandRefused, frozen=True):
    """The carrier does not do it."""

    wire_type: ClassVar[str] = refusal_type("carrier")


DONE = {
    each: _event(f"TheStepWithNumber{each}IsDone", f"carrier.step_{'abcdefgh'[each]}.done.v1")
    for each in NUMBERS
}
UNDONE = {
    each: _event(f"TheStepWithNumber{each}IsUndone", f"carrier.step_{'abcdefgh'[each]}.undone.v1")
    for each in NUMBERS
}
SENT: Mapping[type[DomainCommand], type[OutgoingCommand]] = {
    **{FORWARD[each]: _outgoing(FORWARD[each], each, "do") for each in NUMBERS},
    **{BACK[each]: _outgoing(BACK[each], each, "undo") for each in NUMBERS},
}

TRAVEL = Declared(
    name="travel",
    version="1.0.0",
    settings=carafe.Settings,
    root=Path("/nowhere"),
    repositories={Trip: f"{__name__}:TripRepository"},
    published={},
    sent=SENT,
    subscribed=[TripWanted, *DONE.values(), *UNDONE.values(), CarrierRefused],
)


def trip_handlers(container: Container[Any]) -> Handlers:
    """Return the handlers of trips."""
    trips, clock = container.repository(Trip), container.clock

    def wanted(event: TripWanted, context: CommandContext) -> CommandResult:
        def make(identifier: str) -> Trip:
            trip = Trip(id=identifier, begun_at=clock())
            trip.go(1, clock())
            return trip

        return begin(trips, process_id(Trip, event.trip_id), context, make)

    def done(number: int) -> EventHandler:
        def handle(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - made above
            identifier = process_id(Trip, event.trip_id)
            return advance(trips, identifier, context, lambda each: each.step_done(number, clock()))

        return handle

    def undone(number: int) -> EventHandler:
        def handle(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - the same
            identifier = process_id(Trip, event.trip_id)
            step = STEPS[number]
            return advance(
                trips, identifier, context, lambda each: each.confirm_undo(step, at=clock())
            )

        return handle

    def refused(event: CommandRefused, context: CommandContext) -> CommandResult:
        return refusal(trips, event, context, clock)

    events: dict[type[IntegrationEvent], EventHandler] = {
        TripWanted: wanted,
        **{DONE[each]: done(each) for each in NUMBERS},
        **{UNDONE[each]: undone(each) for each in NUMBERS},
        CarrierRefused: refused,
    }
    return Handlers(events=[events], timers=[{TripOverdue: deadlines(trips, clock)}])
