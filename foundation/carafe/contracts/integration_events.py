"""The events by which services tell each other what happened, and their wire names.

A wire name is `<context>.<aggregate>.<event>.v<version>`; without the version it is the routing
key.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct

from carafe.domain.model import SCHEMA_ATTRIBUTE, AggregateRoot, DomainEvent

D = TypeVar("D")

_WIRE_TYPE = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*){2}\.v[1-9][0-9]*")


class IntegrationEvent(Struct, frozen=True, kw_only=True):
    """Something that happened, told by one service to others.

    A field that it does not name is ignored, unlike a command's: a publisher may add some
    without asking its consumers.

    Attributes:
        wire_type: the CloudEvents `type`.
    """

    wire_type: ClassVar[str]

    @classmethod
    def publisher(cls) -> str:
        """Return the name of the service that publishes it: the first word of the wire type."""
        return cls.wire_type.partition(".")[0]

    @classmethod
    def data_of(cls, event: DomainEvent) -> dict[str, Any]:
        """Return the JSON values that announce an event of the domain.

        By default its own attributes; a contract that outlives a change of the domain
        overrides this. When it happened stands in the envelope.
        """
        values: dict[str, Any] = msgspec.to_builtins(event)
        del values["occurred_at"]
        return values


Published = Mapping[type[DomainEvent], type[IntegrationEvent]]
"""Which contract announces which event of the domain."""


def routing_key(wire_type: str) -> str:
    """Return the bus's routing key for a wire type: `lending.loan.requested`."""
    return wire_type.rpartition(".v")[0]


def events_of(aggregate: type[AggregateRoot]) -> list[type[DomainEvent]]:
    """Return an aggregate's events: those that its module names, or a module that it names."""
    return declared_beside(aggregate, DomainEvent)


def declared_beside(aggregate: type[AggregateRoot], base: type[D]) -> list[type[D]]:
    """Return the classes of a kind that an aggregate's module names, or a module that it names."""
    classes = (each for module in _modules_of(aggregate) for each in vars(module).values())
    return list(
        dict.fromkeys(
            each
            for each in classes
            if isinstance(each, type)
            and issubclass(each, base)
            and each is not base
            and (SCHEMA_ATTRIBUTE in vars(each) or SCHEMA_ATTRIBUTE not in vars(base))
        )
    )


def faults_of_own(own: Iterable[type[IntegrationEvent]], published: Published) -> list[str]:
    """Return which own events a service waits for in vain, one sentence for each.

    Args:
        own: those that it subscribes to.
        published: its events; another version of one does.
    """
    keys = {routing_key(getattr(each, "wire_type", "")) for each in published.values()}
    return [
        f"{each.__name__} in SUBSCRIBED is an event of this service, which publishes no "
        f"{routing_key(each.wire_type)}"
        for each in own
        if routing_key(each.wire_type) not in keys
    ]


def is_wire_type(text: str) -> bool:
    """Return whether a text is of the form `<context>.<aggregate>.<event>.v<version>`."""
    return _WIRE_TYPE.fullmatch(text) is not None


def _modules_of(aggregate: type[AggregateRoot]) -> Iterator[ModuleType]:
    home = sys.modules[aggregate.__module__]
    yield home
    # Of a package, an import anywhere adds modules to its names: so all of them are read.
    for module in pkgutil.iter_modules(getattr(home, "__path__", ())):
        yield importlib.import_module(f"{home.__name__}.{module.name}")
    yield from (each for each in vars(home).values() if isinstance(each, ModuleType))


def faults_of(published: Published, aggregates: Iterable[type[AggregateRoot]] = ()) -> list[str]:
    """Return what is wrong with the wire names: missing, malformed or used twice.

    Args:
        published: the contracts.
        aggregates: all their events need one.
    """
    recorded = dict.fromkeys(event for each in aggregates for event in events_of(each))
    faults = [
        f"{event.__name__} has no contract in PUBLISHED"
        for event in recorded
        if event not in published
    ]
    owners: dict[str, str] = {}
    for contract in published.values():
        wire_type = getattr(contract, "wire_type", "")
        if not is_wire_type(wire_type):
            faults.append(f"{contract.__name__}.wire_type is malformed: {wire_type!r}")
        owner = owners.setdefault(wire_type, contract.__name__)
        if owner != contract.__name__:
            faults.append(f"{wire_type} is taken by {owner} and {contract.__name__}")
    return faults
