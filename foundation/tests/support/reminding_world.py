"""The library on real servers, with its process led through every situation."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from carafe.api.functions import Functions
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.model import DomainCommand
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.infrastructure.event_bus.names import unrouted_queue
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.broker import remove_from_servers
from carafe.testing.clock import AdvanceableClock
from carafe.testing.inbound import Broker, a_delivery, an_event

from .reminding import Reminding, reminding_id
from .reminding_library import Told, library_functions, library_of, told_by
from .settling import soon
from .two_services import a_name, wired

Document = dict[str, Any]


@dataclass
class World:
    """The library, and what other services tell it."""

    container: Container[Any]
    functions: Functions
    told: Told
    clock: AdvanceableClock

    @property
    def name(self) -> str:
        return str(self.container.settings.service_name)

    @property
    def broker(self) -> Broker:
        return Broker(self.container)

    def tell(self, event: Mapping[str, Any]) -> Settled:
        """Deliver an event to the inbox, past the broker."""
        return self.functions.inbox().settle([a_delivery(dict(event))], soon())

    def about(self, contract: type[IntegrationEvent], loan_id: str = "l-1") -> Document:
        """Return an event about a loan."""
        data = {"loan_id": loan_id}
        if contract is self.told.opened:
            data["member"] = "maria"
        return an_event(contract.wire_type, data=data)

    def refusing(
        self, command: type[DomainCommand], code: str = "not_found", loan_id: str = "l-1"
    ) -> Document:
        """Return the event by which the receiver of a process's command refuses it."""
        refusals = (self.told.card_refused, self.told.letter_refused)
        receiver = self.told.commands[command].receiver()
        (contract,) = (each for each in refusals if each.publisher() == receiver)
        command_id = self.command_ids(command, loan_id)[-1]
        return an_event(contract.wire_type, data={"command_id": command_id, "code": code})

    def process(self, loan_id: str = "l-1") -> Reminding:
        return self.container.repository(Reminding).get(reminding_id(loan_id))

    def document(self, loan_id: str = "l-1") -> Document:
        found = self.container.database["remindings"].find_one({"_id": reminding_id(loan_id)})
        assert found is not None
        return found

    def commands(self, loan_id: str = "l-1") -> list[str]:
        """Return the middle and last words of the commands that wait, oldest first."""
        return [words(each["type"]) for each in self.document(loan_id)["pending"]]

    def command_ids(self, command: type[DomainCommand], loan_id: str = "l-1") -> list[str]:
        """Return the ids of the pending commands of a kind, oldest first."""
        wire_type = self.told.commands[command].wire_type
        pending = map(envelope_of, self.document(loan_id)["pending"])
        return [each["id"] for each in pending if each["type"] == wire_type]

    def begin(self, loan_id: str = "l-1") -> None:
        assert self.tell(self.about(self.told.opened, loan_id)) == Settled(handled=1)

    def send_letter(self, loan_id: str = "l-1") -> None:
        """Lead a new process to where its letter is to be sent."""
        self.begin(loan_id)
        assert self.tell(self.about(self.told.blocked, loan_id)) == Settled(handled=1)

    def let_pass(self, by: timedelta) -> None:
        self.clock.advance(by)

    def call_timers(self, loan_id: str = "l-1") -> None:
        nudge = TimerNudge([reminding_id(loan_id)], "remindings")
        assert self.functions.call_timers(nudge, soon())

    def relay(self) -> None:
        assert self.container.relay.sweep(0, soon()).unfinished == set()

    def published(self) -> list[Document]:
        """Return what was published so far and not returned yet, oldest first.

        Nobody has bound a queue, so everything is in the queue of what no queue accepts.
        """
        messages = self.broker.take_all(unrouted_queue(self.name))
        return [json.loads(body) for _, body in messages]


def words(wire_type: str) -> str:
    """Return the aggregate and the command of a wire type."""
    return " ".join(wire_type.split(".")[1:3])


@pytest.fixture
def world(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, clock: AdvanceableClock
) -> Iterator[World]:
    """The library on servers of its own."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    world = a_world(environment, clock)
    yield world
    remove_from_servers(world.container)
    world.container.close()


def a_world(environment: Mapping[str, str], clock: AdvanceableClock) -> World:
    """Return the library, with database and broker prepared."""
    name = a_name("library")
    told = told_by(name, a_name("members"), a_name("post"))
    declared = library_of(told, name)
    declared.clock = clock
    container = wired(declared, environment)
    container.prepare_database()
    container.prepare_bus()
    return World(container, library_functions(declared, told), told, clock)
