"""Whether contracts say what the events and commands of the domain say."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from carafe.domain.model import DomainCommand, DomainEvent

from .conversion import Conversion
from .integration_events import IntegrationEvent
from .outgoing_commands import OutgoingCommand

Told = TypeVar("Told", type[DomainEvent], type[DomainCommand])


def mismatches_of(contracts: Mapping[Told, type[Struct]]) -> Iterator[str]:
    """Yield the fields of contracts that differ from what they tell, by name or by type.

    Contracts that have a `data_of` of their own are left out: it decides what they say.

    Args:
        contracts: of the domain's events, or of its commands.
    """
    for told, contract in contracts.items():
        if not _has_its_own_data(contract):
            for fault in Conversion(told, contract, is_exact=True).faults:
                yield f"{fault}; correct {contract.__name__}, or let its data_of do the conversion"


def _has_its_own_data(contract: type[Struct]) -> bool:
    bases = (IntegrationEvent, OutgoingCommand)
    return any("data_of" in vars(each) for each in contract.__mro__ if each not in bases)
