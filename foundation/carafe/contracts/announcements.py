"""Whether published contracts say what the events of the domain say."""

from collections.abc import Iterator

from .conversion import Conversion
from .integration_events import IntegrationEvent, Published


def mismatches_of(published: Published) -> Iterator[str]:
    """Yield the fields of contracts that differ from their events, by name or by type.

    Contracts that have a `data_of` of their own are left out: it decides what they say.
    """
    for event, contract in published.items():
        if not _has_its_own_data(contract):
            for fault in Conversion(event, contract, is_exact=True).faults:
                yield f"{fault}; correct {contract.__name__}, or let its data_of do the conversion"


def _has_its_own_data(contract: type[IntegrationEvent]) -> bool:
    return any("data_of" in vars(each) for each in contract.__mro__ if each is not IntegrationEvent)
