"""What exists on the broker: the one description from which it is declared and checked."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, field
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from carafe.contracts.integration_events import IntegrationEvent, routing_key

from .names import RETRY_DELAYS_SECONDS, events_exchange, inbox, parked, retry_queue, unrouted

DEFAULT_EXCHANGE = ""
"""AMQP's own: the routing key is a queue's name."""

# The broker counts how often it delivered a message, and gives up after so many. Attempts are
# counted in the message instead, since a whole batch comes back when the store is away: this
# limit only ends what kills the process each time, and leaves hours for an outage.
DELIVERY_LIMIT = 1_000

# RabbitMQ 4 would give up on a parked message after 20 looks at it.
PARKED_DELIVERY_LIMIT = 1_000_000

_SAFE_DEAD_LETTERING = {
    # By default dead-lettering may lose a message between two queues. Demanded by at-least-once.
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": DEFAULT_EXCHANGE,
}


class Exchange(Struct, frozen=True):
    """A durable exchange.

    Attributes:
        ours: this service owns it; another's is made only if it is missing.
    """

    name: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    ours: bool = True


class Queue(Struct, frozen=True):
    """A durable quorum queue."""

    name: str
    arguments: dict[str, Any]


class Binding(Struct, frozen=True):
    """A queue's wish for messages of an exchange."""

    exchange: str
    queue: str
    routing_key: str


class Topology(Struct, frozen=True):
    """Everything that a service needs on the broker."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


def topology_of(service: str, subscribed: Sequence[type[IntegrationEvent]]) -> Topology:
    """Return what a service needs on the broker.

    Args:
        service: its name.
        subscribed: the events of other services that it wants.
    """
    others = dict.fromkeys(each.publisher() for each in subscribed)
    return Topology(
        exchanges=(
            *_events_of(service, ours=True),
            *(each for other in others for each in _events_of(other, ours=False)),
        ),
        queues=(_kept(unrouted(service)), *_inbox_queues(service)),
        bindings=(
            Binding(unrouted(service), unrouted(service), ""),
            *(
                Binding(
                    events_exchange(each.publisher()), inbox(service), routing_key(each.wire_type)
                )
                for each in subscribed
            ),
        ),
    )


def _events_of(service: str, *, ours: bool) -> tuple[Exchange, Exchange]:
    """Return the exchange of a service's events, and the one for what no queue wants."""
    kept = unrouted(service)
    return (
        Exchange(kept, "fanout", ours=ours),
        Exchange(events_exchange(service), "topic", {"alternate-exchange": kept}, ours=ours),
    )


def _inbox_queues(service: str) -> list[Queue]:
    back_to_inbox = _SAFE_DEAD_LETTERING | {"x-dead-letter-routing-key": inbox(service)}
    to_parked = _SAFE_DEAD_LETTERING | {"x-dead-letter-routing-key": parked(service)}
    return [
        _quorum(inbox(service), {"x-delivery-limit": DELIVERY_LIMIT} | to_parked),
        *(
            _quorum(retry_queue(service, delay), {"x-message-ttl": delay * 1000} | back_to_inbox)
            for delay in RETRY_DELAYS_SECONDS
        ),
        _kept(parked(service)),
    ]


def _kept(name: str) -> Queue:
    """Return a queue whose messages a person may look at as often as they like."""
    return _quorum(name, {"x-delivery-limit": PARKED_DELIVERY_LIMIT})


def _quorum(name: str, arguments: dict[str, Any] | None = None) -> Queue:
    return Queue(name, {"x-queue-type": "quorum", **(arguments or {})})


def declare(channel: BlockingChannel, topology: Topology) -> None:
    """Make what is missing; what is there stays, with all its messages.

    Raises:
        ChannelClosedByBroker: something of ours is there with other properties.
    """
    for exchange in topology.exchanges:
        if exchange.ours or not _exists(channel, exchange):
            channel.exchange_declare(
                exchange.name, exchange.kind, durable=True, arguments=exchange.arguments
            )
    for queue in topology.queues:
        channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    for binding in topology.bindings:
        channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)


def _exists(channel: BlockingChannel, exchange: Exchange) -> bool:
    """Tell whether an exchange is there, whatever its properties."""
    # The broker answers "no" by closing the channel, so that the question gets one of its own.
    asking = channel.connection.channel()
    try:
        asking.exchange_declare(exchange.name, passive=True)
    except ChannelClosedByBroker:
        return False
    asking.close()
    return True
