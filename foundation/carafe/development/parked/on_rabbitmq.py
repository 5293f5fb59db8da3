"""Messages that were set aside on RabbitMQ: parked, or wanted by nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError, UnroutableError

from carafe.contracts.integration_events import routing_key
from carafe.infrastructure.cqrs.inbox import ATTEMPTS, DETAIL, PARKED_AT, REASON
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.names import events_exchange, inbox, parked, unrouted
from carafe.infrastructure.event_bus.port import without_broker_notes
from carafe.infrastructure.event_bus.topology import DEFAULT_EXCHANGE

from .message import ParkedMessage, RedriveFailed, described

# A message of the queue is there at once; nothing for so long means that there is none left.
_END_SECONDS = 0.5
_PERSISTENT = 2
_OURS = (ATTEMPTS, REASON, DETAIL, PARKED_AT)


@dataclass(frozen=True)
class Destination:
    """Where a message is sent back to."""

    exchange: str
    routing_key: str


class RabbitMQParked:
    """Fills the port `ParkedQueue`.

    What is not taken out goes back when the channel closes, in its old order.

    Args:
        channel: with confirms on.
        name: of the queue.
        destination: where a message comes from.
    """

    def __init__(
        self,
        channel: BlockingChannel,
        name: str,
        destination: Callable[[ParkedMessage], Destination],
    ) -> None:
        self.name = name
        self._channel = channel
        self._destination = destination

    def messages(self, limit: int) -> list[ParkedMessage]:
        """Return the oldest messages, as `ParkedQueue.messages`."""
        found: list[ParkedMessage] = []
        self._channel.basic_qos(prefetch_count=limit)
        for method, properties, body in self._channel.consume(
            self.name, inactivity_timeout=_END_SECONDS
        ):
            if method is None or properties is None or body is None:
                break
            found.append(described(body, dict(properties.headers or {}), (method, properties)))
            if len(found) == limit:
                break
        return found

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back, as `ParkedQueue.redrive`."""
        method, properties = message.tag
        to = self._destination(message)
        properties.headers = {
            name: value
            for name, value in without_broker_notes(message.notes).items()
            if name not in _OURS
        }
        properties.delivery_mode = _PERSISTENT
        try:
            self._channel.basic_publish(
                to.exchange, to.routing_key, message.body, properties, mandatory=True
            )
        except (NackError, UnroutableError) as error:
            raise RedriveFailed(f"{to.routing_key} did not take it") from error
        self._channel.basic_ack(method.delivery_tag)

    def discard(self, message: ParkedMessage) -> None:
        """Take a message out, as `ParkedQueue.discard`."""
        method, _ = message.tag
        self._channel.basic_ack(method.delivery_tag)


@contextmanager
def parked_events(url: str, service: str) -> Iterator[RabbitMQParked]:
    """Open the queue of events of other services that could not be handled."""
    to_inbox = Destination(DEFAULT_EXCHANGE, inbox(service))
    with _channel(url) as channel:
        yield RabbitMQParked(channel, parked(service), lambda _message: to_inbox)


@contextmanager
def unrouted_events(url: str, service: str) -> Iterator[RabbitMQParked]:
    """Open the queue of the service's own events that no queue wanted when they came."""

    def to_exchange(message: ParkedMessage) -> Destination:
        return Destination(events_exchange(service), routing_key(message.type))

    with _channel(url) as channel:
        yield RabbitMQParked(channel, unrouted(service), to_exchange)


@contextmanager
def _channel(url: str) -> Iterator[BlockingChannel]:
    try:
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
            if channel.is_open:
                channel.cancel()  # lets the broker work off what was acknowledged
    except AMQPError as error:
        raise BusUnavailable(f"The broker failed: {type(error).__name__}.") from error
