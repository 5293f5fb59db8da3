"""Parked messages on RabbitMQ: in the parking queue, or in the queue of unrouted messages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError

from carafe.contracts.integration_events import routing_key
from carafe.infrastructure.cqrs.delivery import ATTEMPTS
from carafe.infrastructure.cqrs.inbox import DETAIL, PARKED_AT, REASON
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.foreign_headers import carried_headers, short_string
from carafe.infrastructure.event_bus.names import (
    aside_exchange,
    commands_exchange,
    events_exchange,
    inbox_queue,
    parked_queue,
    unrouted_queue,
)

from .message import ParkedMessage, RedriveFailed, describe

# So long without a message means that there is none beyond those that were counted: one may have
# come meanwhile, or come back from somebody who looked at it.
_SILENCE_SECONDS = 0.5
_MOST_SILENCES = 20
"""One after the other, while counted messages are on their way from a broker far away."""
_PERSISTENT = 2
_PARKING_HEADERS = (ATTEMPTS, REASON, DETAIL, PARKED_AT)


@dataclass(frozen=True)
class Destination:
    """The exchange and routing key to which a message is sent back."""

    exchange: str
    routing_key: str


class RabbitMQParked:
    """Implements `ParkedQueue`.

    Messages that are not removed return to the queue in their order when the channel closes.

    Args:
        channel: a channel with confirms enabled.
        name: the queue's name.
        destination: returns where a message came from.
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
        messages: list[ParkedMessage] = []
        silences = 0
        count = self._channel.queue_declare(self.name, passive=True).method.message_count
        self._channel.basic_qos(prefetch_count=limit)
        for method, properties, body in self._channel.consume(
            self.name, inactivity_timeout=_SILENCE_SECONDS
        ):
            if method is None or properties is None or body is None:
                silences += 1
                if len(messages) >= count or silences == _MOST_SILENCES:
                    break
                continue
            silences = 0
            messages.append(describe(body, dict(properties.headers or {}), (method, properties)))
            if len(messages) == limit:
                break
        return messages

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back, as `ParkedQueue.redrive`."""
        method, properties = message.tag
        destination = self._destination(message)
        try:
            self._channel.basic_publish(
                destination.exchange,
                short_string(destination.routing_key),
                message.body,
                _republished(properties, message.notes),
                mandatory=True,
            )
        except (NackError, UnroutableError) as error:
            raise RedriveFailed(
                f"the broker did not accept it for {destination.routing_key}"
            ) from error
        except ChannelClosedByBroker as error:
            raise BusUnavailable(
                f"The broker refused a message for the exchange {destination.exchange}. If the "
                "exchange is missing, create it with `carafe bus declare`."
            ) from error
        self._channel.basic_ack(method.delivery_tag)

    def discard(self, message: ParkedMessage) -> None:
        """Remove a message, as `ParkedQueue.discard`."""
        method, _ = message.tag
        self._channel.basic_ack(method.delivery_tag)


def _republished(properties: pika.BasicProperties, notes: dict[str, Any]) -> pika.BasicProperties:
    """Return the properties of a message that goes back.

    Those that a broker acts upon are left out: it refuses a `user_id` other than this user's, and
    drops a message after its `expiration`.
    """
    headers = {name: value for name, value in notes.items() if name not in _PARKING_HEADERS}
    return pika.BasicProperties(  # type: ignore[no-untyped-call]
        content_type=short_string(properties.content_type) or None,
        content_encoding=short_string(properties.content_encoding) or None,
        headers=carried_headers(headers, {}) or None,
        delivery_mode=_PERSISTENT,
        correlation_id=short_string(properties.correlation_id) or None,
        message_id=short_string(properties.message_id) or None,
        timestamp=properties.timestamp,
        type=short_string(properties.type) or None,
        app_id=short_string(properties.app_id) or None,
    )


@contextmanager
def parked_events(url: str, service: str) -> Iterator[RabbitMQParked]:
    """Open the parking queue: events and commands of other services that could not be handled."""
    to_inbox = Destination(aside_exchange(service), inbox_queue(service))
    with _channel(url) as channel:
        yield RabbitMQParked(channel, parked_queue(service), lambda _message: to_inbox)


@contextmanager
def unrouted_events(url: str, service: str) -> Iterator[RabbitMQParked]:
    """Open the queue of the service's own events and commands for which there was no other."""

    def to_exchange(message: ParkedMessage) -> Destination:
        method, _ = message.tag
        is_command = method.exchange == commands_exchange(service)
        exchange = commands_exchange(service) if is_command else events_exchange(service)
        return Destination(exchange, routing_key(message.type))

    with _channel(url) as channel:
        yield RabbitMQParked(channel, unrouted_queue(service), to_exchange)


@contextmanager
def _channel(url: str) -> Iterator[BlockingChannel]:
    try:
        with connect(parameters_of(url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
            if channel.is_open:
                channel.cancel()  # lets the broker process the acknowledgements
    except AMQPError as error:
        raise BusUnavailable(f"The broker failed: {type(error).__name__}.") from error
