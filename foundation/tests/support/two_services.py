"""Two services that talk by commands: a library has its letters sent by a post office."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import carafe
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, ReceivedCommand, refusal_type
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service


class Declared(Service[carafe.Settings]):
    """A service whose settings are given, so that several can live in one process."""

    given: carafe.Settings

    def read_settings(self) -> carafe.Settings:
        return self.given


@dataclass
class Contracts:
    """The contracts of both services under names of this test's own."""

    overdue: type[IntegrationEvent]
    outgoing: type[OutgoingCommand]
    received: type[ReceivedCommand]
    refused: type[CommandRefused]


def contracts(library: str, post: str) -> Contracts:
    class LoanOverdueV1(IntegrationEvent, frozen=True):
        """A book should be back."""

        wire_type = f"{library}.loan.overdue.v1"
        reader: str

    class SendLetterV1(OutgoingCommand, frozen=True):
        """A letter is to be sent."""

        wire_type = f"{post}.letter.send.v1"
        reader: str
        text: str

    class ReceivedLetterV1(ReceivedCommand, frozen=True):
        """The library wants a letter sent."""

        wire_type = f"{post}.letter.send.v1"
        sender = library
        reader: str
        text: str

    class LetterRefused(CommandRefused, frozen=True):
        """The post office sends no such letter."""

        wire_type = refusal_type(post)

    return Contracts(LoanOverdueV1, SendLetterV1, ReceivedLetterV1, LetterRefused)


def a_name(kind: str) -> str:
    """Return the name of a service that nobody else on the broker has."""
    return kind + "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))


def wired(declared: Declared, environment: Mapping[str, str]) -> Container[Any]:
    """Return a service on the servers of an environment, under its own name."""
    own = {"SERVICE_NAME": declared.name, "MONGO_DATABASE": declared.name}
    declared.given = carafe.Settings.read({**environment, **own}, declared.name)
    return declared.container()
