"""What a service needs on the broker; `carafe bus` declares and checks it from here."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from carafe.contracts.integration_events import IntegrationEvent, routing_key

from .names import (
    RETRY_DELAYS_SECONDS,
    aside_exchange,
    commands_exchange,
    events_exchange,
    exchange_of,
    inbox_queue,
    parked_queue,
    retry_queue,
    unrouted_queue,
)

DEFAULT_EXCHANGE = ""
"""AMQP's default exchange, where the routing key is the name of a queue."""

# The broker drops a message from the inbox after this many deliveries. Attempts are counted in
# the message instead, since a whole batch is delivered again when one message kills the process.
# This limit only ends such messages, and leaves their neighbours time until somebody looks.
DELIVERY_LIMIT = 1_000

# By default RabbitMQ 4 would drop a parked message after it was looked at 20 times.
PARKED_DELIVERY_LIMIT = 1_000_000

_SAFE_DEAD_LETTERING = {
    # By default dead-lettering may lose a message between two queues. At-least-once requires
    # `reject-publish`.
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    # Not the service's own exchange, as the arguments of an existing queue cannot be changed. It
    # does no harm: the broker removes `CC` from a dead letter whose queue names a routing key.
    "x-dead-letter-exchange": DEFAULT_EXCHANGE,
}


class Exchange(Struct, frozen=True):
    """A durable exchange.

    Attributes:
        owned: whether this service owns it; another's is only created if missing.
    """

    name: str
    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    owned: bool = True


class Queue(Struct, frozen=True):
    """A durable quorum queue."""

    name: str
    arguments: dict[str, Any]


class Binding(Struct, frozen=True):
    """Routes messages of an exchange to a queue."""

    exchange: str
    queue: str
    routing_key: str


class Topology(Struct, frozen=True):
    """Everything that a service needs on the broker."""

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]


def topology_of(
    service: str,
    subscribed_events: Sequence[type[IntegrationEvent]],
    *,
    own_events: Sequence[type[IntegrationEvent]] = (),
    sends_commands: bool = False,
) -> Topology:
    """Return what a service needs on the broker.

    Args:
        service: its name.
        subscribed_events: the events and commands that it handles.
        own_events: those among them that it publishes itself, under whatever name it runs.
        sends_commands: whether it sends commands to other services.
    """
    foreign_events = [each for each in subscribed_events if each not in own_events]
    inbox_queues = _inbox_queues(service)
    return Topology(
        exchanges=(
            Exchange(unrouted_queue(service), "fanout"),
            _outbound_exchange(events_exchange(service), service),
            *([_outbound_exchange(commands_exchange(service), service)] if sends_commands else ()),
            Exchange(aside_exchange(service), "direct"),
            *_foreign_exchanges(foreign_events),
        ),
        queues=(_inspection_queue(unrouted_queue(service)), *inbox_queues),
        bindings=(
            Binding(unrouted_queue(service), unrouted_queue(service), ""),
            *(Binding(aside_exchange(service), each.name, each.name) for each in inbox_queues),
            *dict.fromkeys(
                Binding(events_exchange(service), inbox_queue(service), routing_key(each.wire_type))
                for each in own_events
            ),
            *(
                Binding(exchange_of(each), inbox_queue(service), routing_key(each.wire_type))
                for each in foreign_events
            ),
        ),
    )


def _foreign_exchanges(
    subscribed_events: Sequence[type[IntegrationEvent]],
) -> Iterable[Exchange]:
    """Return the exchanges of other services, and those for what no queue accepts."""
    exchanges: dict[str, Exchange] = {}
    for each in subscribed_events:
        owner = each.publisher()
        unrouted = Exchange(unrouted_queue(owner), "fanout", owned=False)
        outbound = _outbound_exchange(exchange_of(each), owner, owned=False)
        exchanges |= {unrouted.name: unrouted, outbound.name: outbound}
    return exchanges.values()


def _outbound_exchange(name: str, service: str, *, owned: bool = True) -> Exchange:
    """Return an exchange to which a service publishes; nothing that no queue accepts is lost."""
    return Exchange(name, "topic", {"alternate-exchange": unrouted_queue(service)}, owned=owned)


def _inbox_queues(service: str) -> list[Queue]:
    back_to_inbox = _SAFE_DEAD_LETTERING | {"x-dead-letter-routing-key": inbox_queue(service)}
    to_parked = _SAFE_DEAD_LETTERING | {"x-dead-letter-routing-key": parked_queue(service)}
    return [
        _quorum_queue(inbox_queue(service), {"x-delivery-limit": DELIVERY_LIMIT} | to_parked),
        *(
            _quorum_queue(
                retry_queue(service, delay), {"x-message-ttl": delay * 1000} | back_to_inbox
            )
            for delay in RETRY_DELAYS_SECONDS
        ),
        _inspection_queue(parked_queue(service)),
    ]


def _inspection_queue(name: str) -> Queue:
    """Return a queue whose messages may be inspected any number of times."""
    return _quorum_queue(name, {"x-delivery-limit": PARKED_DELIVERY_LIMIT})


def _quorum_queue(name: str, arguments: dict[str, Any] | None = None) -> Queue:
    return Queue(name, {"x-queue-type": "quorum", **(arguments or {})})


def declare(channel: BlockingChannel, topology: Topology) -> None:
    """Create what is missing; existing queues keep their messages.

    Raises:
        ChannelClosedByBroker: an exchange or queue exists with other properties.
    """
    for exchange in topology.exchanges:
        if exchange.owned or not _exists(channel, exchange):
            channel.exchange_declare(
                exchange.name, exchange.kind, durable=True, arguments=exchange.arguments
            )
    for queue in topology.queues:
        channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
    for binding in topology.bindings:
        channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)


def _exists(channel: BlockingChannel, exchange: Exchange) -> bool:
    """Return whether an exchange exists, whatever its properties."""
    # The broker answers "no" by closing the channel, so this uses a separate one.
    probe = channel.connection.channel()
    try:
        probe.exchange_declare(exchange.name, passive=True)
    except ChannelClosedByBroker:
        return False
    probe.close()
    return True
