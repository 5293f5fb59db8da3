"""What exists on the broker: the one description from which it is declared and checked."""

from dataclasses import dataclass, field
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from .names import events_exchange, unrouted


@dataclass(frozen=True)
class Exchange:
    """A durable exchange."""

    name: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Queue:
    """A durable queue."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Binding:
    """A queue's wish for messages of an exchange."""

    exchange: str
    queue: str
    routing_key: str


@dataclass(frozen=True)
class Topology:
    """Everything a service owns on the broker."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


def topology_of(service: str) -> Topology:
    """Return what a service needs on the broker."""
    kept = unrouted(service)
    return Topology(
        exchanges=(
            Exchange(kept, "fanout"),
            Exchange(events_exchange(service), "topic", {"alternate-exchange": kept}),
        ),
        queues=(Queue(kept, {"x-queue-type": "quorum"}),),
        bindings=(Binding(kept, kept, ""),),
    )


def declare(channel: BlockingChannel, topology: Topology) -> None:
    """Make what is missing; what is there stays, with all its messages.

    Raises:
        ChannelClosedByBroker: something is there with other properties.
    """
    for exchange in topology.exchanges:
        channel.exchange_declare(
            exchange.name, exchange.kind, durable=True, arguments=exchange.arguments
        )
    for queue in topology.queues:
        channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    for binding in topology.bindings:
        channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)
