"""The commands that a service's aggregates send, and their wire names.

SENT = {
    SendReminder: SendLetterV1,  # an `OutgoingCommand`: over the bus, to another service
    CallLoanBack: CallBack,      # a `Command` of this service: over its own queue
}
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from carafe.domain.model import AggregateRoot, DomainCommand

from .base import Command
from .integration_events import Published, declared_beside, is_wire_type


class OutgoingCommand(Struct, frozen=True, kw_only=True):
    """What another service is asked to do.

    Attributes:
        wire_type: the CloudEvents `type`, `<receiver>.<aggregate>.<command>.v<version>`: in the
            imperative, and in the words of the receiver.
    """

    wire_type: ClassVar[str]

    @classmethod
    def receiver(cls) -> str:
        """Return the name of the service that is asked: the first word of the wire type."""
        return cls.wire_type.partition(".")[0]

    @classmethod
    def data_of(cls, command: DomainCommand) -> dict[str, Any]:
        """Return the JSON values that tell a command of the domain.

        By default its own attributes; a contract that outlives a change of the domain overrides
        this.
        """
        values: dict[str, Any] = msgspec.to_builtins(command)
        return values


SentContract = type[OutgoingCommand] | type[Command]
"""What tells a command of the domain: to another service, or to the service itself."""

Sent = Mapping[type[DomainCommand], SentContract]
"""Which contract tells which command of the domain."""


def outgoing(sent: Sent) -> list[type[OutgoingCommand]]:
    """Return the commands that go over the bus, to other services."""
    contracts = dict.fromkeys(sent.values())
    return [each for each in contracts if issubclass(each, OutgoingCommand)]


def sent_data(contract: SentContract, command: DomainCommand) -> dict[str, Any]:
    """Return the JSON values that tell a command of the domain."""
    if issubclass(contract, OutgoingCommand):
        return contract.data_of(command)
    values: dict[str, Any] = msgspec.to_builtins(command)
    return values


def faults_of_sent(
    sent: Sent, service: str, published: Published, aggregates: Iterable[type[AggregateRoot]]
) -> list[str]:
    """Return what is wrong with the commands that a service sends, one sentence for each.

    Args:
        sent: the contracts.
        service: its name.
        published: its events, whose wire names are taken.
        aggregates: all their commands need a contract.
    """
    commands = dict.fromkeys(
        each for one in aggregates for each in declared_beside(one, DomainCommand)
    )
    faults = [f"{each.__name__} has no contract in SENT" for each in commands if each not in sent]
    owners = {each.wire_type: each.__name__ for each in published.values()}
    contracts: dict[type, None] = dict.fromkeys(sent.values())
    for contract in contracts:
        if issubclass(contract, OutgoingCommand):
            faults += _wire_faults(contract, service, owners)
        elif not issubclass(contract, Command):
            faults.append(f"{contract.__name__} in SENT is no OutgoingCommand, and no Command")
    return faults


def _wire_faults(
    contract: type[OutgoingCommand], service: str, owners: dict[str, str]
) -> Iterator[str]:
    """Yield what is wrong with a wire type, and take it."""
    wire_type = getattr(contract, "wire_type", "")
    owner = owners.setdefault(wire_type, contract.__name__)
    if not is_wire_type(wire_type):
        yield f"{contract.__name__}.wire_type is malformed: {wire_type!r}"
    elif owner != contract.__name__:
        yield f"{wire_type} is taken by {owner} and {contract.__name__}"
    elif contract.receiver() == service:
        yield (
            f"{contract.__name__}.wire_type names {service} itself as the receiver; "
            "send a Command of the service, which goes over its own queue"
        )
