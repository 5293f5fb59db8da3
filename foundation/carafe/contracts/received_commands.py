"""The commands that other services send to this one, and the answer to one that is refused."""

from collections.abc import Iterable
from typing import ClassVar, cast

import msgspec

from .integration_events import IntegrationEvent, is_wire_type

REFUSED = "command.refused.v1"
"""The end of a refusal's wire type, behind the name of the service that refuses."""


class ReceivedCommand(IntegrationEvent, frozen=True, kw_only=True):
    """What another service asks this one to do.

    It comes through the inbox as an event does, is handled among the events, and takes effect
    once. If it never can, the service publishes a `CommandRefused`.

    Attributes:
        wire_type: the CloudEvents `type`; its first word is the name of this service.
        sender: the name of the service that sends it.
    """

    sender: ClassVar[str]

    @classmethod
    def publisher(cls) -> str:
        """Return the name of the service that sends it."""
        return cls.sender


class CommandRefused(IntegrationEvent, frozen=True, kw_only=True):
    """A service will not carry out a command that it received.

    The sender subscribes to a class derived from this one, with the receiver's wire type:

        class LetterRefused(CommandRefused, frozen=True):
            wire_type = refusal_type("post")

    Attributes:
        command_id: the id of the command, as its sender gave it.
        code: a stable name of the reason.
    """

    command_id: str
    code: str


def refusal_type(service: str) -> str:
    """Return the wire type with which a service refuses commands."""
    return f"{service}.{REFUSED}"


def refusal_contract(service: str) -> type[CommandRefused]:
    """Return the contract of the event by which a service refuses commands."""
    contract = msgspec.defstruct(
        CommandRefused.__name__,
        [],
        bases=(CommandRefused,),
        namespace={"wire_type": refusal_type(service), "__doc__": CommandRefused.__doc__},
        frozen=True,
    )
    return cast("type[CommandRefused]", contract)


def received_commands(
    subscribed: Iterable[type[IntegrationEvent]],
) -> list[type[ReceivedCommand]]:
    """Return the commands among what a service subscribes to."""
    return [each for each in subscribed if issubclass(each, ReceivedCommand)]


def faults_of_received(subscribed: Iterable[type[IntegrationEvent]], service: str) -> list[str]:
    """Return what is wrong with the commands that a service receives, one sentence for each.

    Args:
        subscribed: its events and commands of other services.
        service: its name.
    """
    faults = []
    for each in received_commands(subscribed):
        wire_type = getattr(each, "wire_type", "")
        if not is_wire_type(wire_type):
            faults.append(f"{each.__name__}.wire_type is malformed: {wire_type!r}")
        elif wire_type.partition(".")[0] != service:
            faults.append(f"{each.__name__}.wire_type must begin with {service}, which receives it")
        if getattr(each, "sender", "") in {"", service}:
            faults.append(f"{each.__name__}.sender must name the service that sends it")
    return faults
