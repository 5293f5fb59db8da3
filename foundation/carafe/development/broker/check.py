"""The differences between a live broker and what the contracts require."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.infrastructure.event_bus.names import (
    commands_exchange,
    events_exchange,
    inbox_queue,
    unrouted_queue,
)
from carafe.infrastructure.event_bus.patterns import matches
from carafe.infrastructure.event_bus.topology import Exchange, Queue, Topology

from .management import LiveBroker


def faults_of(topology: Topology, live: LiveBroker) -> list[str]:
    """Return what is missing on the broker or differs from the declaration: one sentence each."""
    return [
        *_faults_of_exchanges(topology.exchanges, live),
        *_faults_of_queues(topology.queues, live),
        *_faults_of_bindings(topology, live),
    ]


def unhandled_bindings(service: str, topology: Topology, live: LiveBroker) -> list[str]:
    """Return the bindings of the inbox without a handler: one sentence each."""
    return [
        f"{each.queue} gets {each.routing_key} from {each.exchange}: there is no handler for it"
        for each in sorted(live.bindings - set(topology.bindings), key=str)
        if each.queue == inbox_queue(service)
    ]


class Outbound(Struct, frozen=True):
    """What a service publishes.

    Attributes:
        service: its name.
        events: the contracts of its events.
        commands: the contracts of its commands to other services.
    """

    service: str
    events: Sequence[type[IntegrationEvent]]
    commands: Sequence[type[OutgoingCommand]]

    def keys(self) -> dict[str, set[str]]:
        """Return the routing keys of each of its exchanges."""
        return {
            events_exchange(self.service): {routing_key(each.wire_type) for each in self.events},
            commands_exchange(self.service): {
                routing_key(each.wire_type) for each in self.commands
            },
        }


def bindings_without_message(outbound: Outbound, live: LiveBroker) -> list[str]:
    """Return the bindings to what the service does not publish: one sentence each."""
    keys = outbound.keys()
    return [
        f"{each.queue} waits for {each.routing_key} of {each.exchange}, which nobody publishes"
        for each in sorted(live.bindings, key=str)
        if each.exchange in keys
        and not any(matches(each.routing_key, key) for key in keys[each.exchange])
    ]


def messages_without_queue(outbound: Outbound, live: LiveBroker) -> list[str]:
    """Return the events and commands for which no queue is bound: one sentence each."""
    unrouted = unrouted_queue(outbound.service)
    events, commands = events_exchange(outbound.service), commands_exchange(outbound.service)
    return [
        *(
            f"nobody consumes {each.wire_type}; its events collect in {unrouted}"
            for each in outbound.events
            if not _is_bound(events, each.wire_type, live)
        ),
        *(
            f"nobody receives {each.wire_type}; its commands collect in {unrouted}"
            for each in outbound.commands
            if not _is_bound(commands, each.wire_type, live)
        ),
    ]


def _is_bound(exchange: str, wire_type: str, live: LiveBroker) -> bool:
    key = routing_key(wire_type)
    return any(
        each.exchange == exchange and matches(each.routing_key, key) for each in live.bindings
    )


def _faults_of_exchanges(exchanges: Sequence[Exchange], live: LiveBroker) -> Iterator[str]:
    for declared in exchanges:
        name = f"exchange {declared.name}"
        actual = live.exchanges.get(declared.name)
        if actual is None:
            yield f"{name} is missing"
        elif declared.owned:
            if actual.kind != declared.kind:
                yield f"{name} is of type {actual.kind}, not {declared.kind}"
            if not actual.durable:
                yield f"{name} is not durable"
            yield from _differences(name, declared.arguments, actual.arguments)


def _faults_of_queues(queues: Sequence[Queue], live: LiveBroker) -> Iterator[str]:
    for declared in queues:
        name = f"queue {declared.name}"
        actual = live.queues.get(declared.name)
        if actual is None:
            yield f"{name} is missing"
            continue
        if not actual.durable:
            yield f"{name} is not durable"
        # A queue declared without a type is a classic one.
        arguments = {"x-queue-type": "classic", **actual.arguments}
        yield from _differences(name, declared.arguments, arguments)


def _faults_of_bindings(topology: Topology, live: LiveBroker) -> Iterator[str]:
    for declared in topology.bindings:
        if declared not in live.bindings:
            key = f" by {declared.routing_key}" if declared.routing_key else ""
            yield f"queue {declared.queue} is not bound to {declared.exchange}{key}"


def _differences(
    owner: str, declared: Mapping[str, Any], actual: Mapping[str, Any]
) -> Iterator[str]:
    for name in sorted({*declared, *actual}):
        if name not in actual:
            yield f"{owner} lacks {name}, which must be {declared[name]!r}"
        elif name not in declared:
            yield f"{owner} has {name} {actual[name]!r}, which is not declared"
        elif declared[name] != actual[name]:
            yield f"{owner} has {name} {actual[name]!r}, not {declared[name]!r}"
