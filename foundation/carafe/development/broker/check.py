"""Where a live broker differs from what the contracts demand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.infrastructure.event_bus.names import events_exchange, inbox, unrouted
from carafe.infrastructure.event_bus.patterns import matches
from carafe.infrastructure.event_bus.topology import Exchange, Queue, Topology

from .management import LiveBroker


def faults_of(topology: Topology, live: LiveBroker) -> list[str]:
    """Return what is missing on the broker, or is not as declared: one sentence each."""
    return [
        *_faults_of_exchanges(topology.exchanges, live),
        *_faults_of_queues(topology.queues, live),
        *_faults_of_bindings(topology, live),
    ]


def strangers_of(service: str, topology: Topology, live: LiveBroker) -> list[str]:
    """Return the bindings that bring the inbox what no handler knows: one sentence each."""
    return [
        f"{each.queue} gets {each.routing_key} from {each.exchange}: there is no handler for it"
        for each in sorted(live.bindings - set(topology.bindings), key=str)
        if each.queue == inbox(service)
    ]


def unpublished(
    service: str, published: Sequence[type[IntegrationEvent]], live: LiveBroker
) -> list[str]:
    """Return who waits for an event that the service does not publish: one sentence each."""
    keys = {routing_key(each.wire_type) for each in published}
    return [
        f"{each.queue} waits for {each.routing_key} of {each.exchange}, which nobody publishes"
        for each in sorted(live.bindings, key=str)
        if each.exchange == events_exchange(service)
        and not any(matches(each.routing_key, key) for key in keys)
    ]


def unconsumed(
    service: str, published: Sequence[type[IntegrationEvent]], live: LiveBroker
) -> list[str]:
    """Return the events that no queue wants: one sentence each."""
    patterns = [
        each.routing_key for each in live.bindings if each.exchange == events_exchange(service)
    ]
    return [
        f"nobody consumes {each.wire_type}; its events gather in {unrouted(service)}"
        for each in published
        if not any(matches(pattern, routing_key(each.wire_type)) for pattern in patterns)
    ]


def _faults_of_exchanges(exchanges: Sequence[Exchange], live: LiveBroker) -> Iterator[str]:
    for wanted in exchanges:
        found = live.exchanges.get(wanted.name)
        if found is None:
            yield f"exchange {wanted.name} is missing"
        elif wanted.ours:
            if found.kind != wanted.kind:
                yield f"exchange {wanted.name} is of type {found.kind}, not {wanted.kind}"
            if not found.durable:
                yield f"exchange {wanted.name} is not durable"
            yield from _differences(f"exchange {wanted.name}", wanted.arguments, found.arguments)


def _faults_of_queues(queues: Sequence[Queue], live: LiveBroker) -> Iterator[str]:
    for wanted in queues:
        found = live.queues.get(wanted.name)
        if found is None:
            yield f"queue {wanted.name} is missing"
            continue
        if not found.durable:
            yield f"queue {wanted.name} is not durable"
        # A queue declared without a type is a classic one.
        arguments = {"x-queue-type": "classic", **found.arguments}
        yield from _differences(f"queue {wanted.name}", wanted.arguments, arguments)


def _faults_of_bindings(topology: Topology, live: LiveBroker) -> Iterator[str]:
    for wanted in topology.bindings:
        if wanted not in live.bindings:
            key = f" by {wanted.routing_key}" if wanted.routing_key else ""
            yield f"queue {wanted.queue} is not bound to {wanted.exchange}{key}"


def _differences(what: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*wanted, *found}):
        if name not in found:
            yield f"{what} lacks {name}, which must be {wanted[name]!r}"
        elif name not in wanted:
            yield f"{what} has {name} {found[name]!r}, which nobody declares"
        elif wanted[name] != found[name]:
            yield f"{what} has {name} {found[name]!r}, not {wanted[name]!r}"
