"""The differences between a live broker and what the contracts require."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue, unrouted_queue
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


def bindings_without_event(
    service: str, published: Sequence[type[IntegrationEvent]], live: LiveBroker
) -> list[str]:
    """Return the bindings to events that the service does not publish: one sentence each."""
    keys = {routing_key(each.wire_type) for each in published}
    return [
        f"{each.queue} waits for {each.routing_key} of {each.exchange}, which nobody publishes"
        for each in sorted(live.bindings, key=str)
        if each.exchange == events_exchange(service)
        and not any(matches(each.routing_key, key) for key in keys)
    ]


def events_without_queue(
    service: str, published: Sequence[type[IntegrationEvent]], live: LiveBroker
) -> list[str]:
    """Return the events for which no queue is bound: one sentence each."""
    patterns = [
        each.routing_key for each in live.bindings if each.exchange == events_exchange(service)
    ]
    return [
        f"nobody consumes {each.wire_type}; its events collect in {unrouted_queue(service)}"
        for each in published
        if not any(matches(pattern, routing_key(each.wire_type)) for pattern in patterns)
    ]


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
