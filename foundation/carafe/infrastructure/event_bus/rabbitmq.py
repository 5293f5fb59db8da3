"""The event bus on RabbitMQ."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable

from .names import events_exchange
from .port import Message, Outcome, Received
from .publisher import Publisher
from .topology import DEFAULT_EXCHANGE, PARKED_DELIVERY_LIMIT, declare, topology_of

log = logging.getLogger(__name__)

# pika tells each failure several times over, with the broker's address; ours are told once.
logging.getLogger("pika").setLevel(logging.CRITICAL)

# A function may be frozen between two invocations, while the broker gives its connection
# up; the thawed socket still looks open. One unused for this long is replaced.
LONGEST_IDLE_SECONDS = 20

HEARTBEAT_SECONDS = 60
CONNECT_TIMEOUT_SECONDS = 3
BLOCKED_TIMEOUT_SECONDS = 20


class RabbitMQBus:
    """Fills the port `EventBus`.

    Args:
        url: of the broker, `amqp://user:password@host:port/vhost`, or amqps.
        service: whose events are published; names the exchange.
        clock: of the wall, since it goes on while a function is frozen.
        renewed_url: asked for the URL once more when the broker refuses the login: the
            password was changed. Without it the refusal stands.
    """

    def __init__(
        self,
        url: str,
        service: str,
        clock: Callable[[], float] = time.time,
        renewed_url: Callable[[], str] | None = None,
    ) -> None:
        self._parameters = _parameters(url)
        self._renewed_url = renewed_url
        self.service = service
        self._publisher: Publisher | None = None
        self._clock = clock
        self._last_used = 0.0

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish messages, as `EventBus.publish`."""
        return self._published(events_exchange(self.service), messages, deadline)

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into queues, as `EventBus.send`."""
        return self._published(DEFAULT_EXCHANGE, messages, deadline)

    def subscribe(
        self, patterns: Sequence[str], queue: str | None = None
    ) -> "RabbitMQSubscription":
        """Receive events from now on, as `EventBus.subscribe`."""
        return RabbitMQSubscription(self._channel(), events_exchange(self.service), patterns, queue)

    def declare(self, subscribed: Sequence[type[IntegrationEvent]]) -> None:
        """Make the exchanges and queues that are missing, as `EventBus.declare`."""
        channel = self._channel()
        try:
            declare(channel, topology_of(self.service, subscribed))
        finally:
            channel.connection.close()

    def close(self) -> None:
        """Close the publishing connection."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _published(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        fresh = self._publisher is None
        outcomes = self._publish(exchange, messages, deadline)
        lost = [each for each in messages if outcomes[each.id] is Outcome.UNKNOWN]
        if lost and not fresh and self._publisher is None and time.monotonic() < deadline:
            # The old connection had died unseen: once more, with the same ids.
            try:
                outcomes |= self._publish(exchange, lost, deadline)
            except BusUnavailable as error:
                if len(lost) == len(messages):
                    raise
                # What was confirmed before stays so; of the rest nobody knows.
                log.warning("%d messages have no answer: %s", len(lost), error.message)
        return outcomes

    def _publish(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> dict[str, Outcome]:
        publisher = self._connected(deadline)
        outcomes = publisher.publish(exchange, messages, deadline)
        self._last_used = self._clock()
        if not publisher.usable:
            self.close()
        return outcomes

    def _connected(self, deadline: float) -> Publisher:
        if self._clock() - self._last_used > LONGEST_IDLE_SECONDS:
            self.close()
        if self._publisher is None:
            self._publisher = self._connect(deadline)
        return self._publisher

    def _connect(self, deadline: float) -> Publisher:
        try:
            return Publisher(self._parameters, deadline)
        except BusLoginRefused:
            if self._renewed_url is None:
                raise
        self._parameters = _parameters(self._renewed_url())
        return Publisher(self._parameters, deadline)

    def _channel(self) -> BlockingChannel:
        try:
            return pika.BlockingConnection(self._parameters).channel()
        except AMQPError as error:
            raise BusUnavailable(f"No connection to the broker: {type(error).__name__}.") from error


def _parameters(url: str) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = HEARTBEAT_SECONDS
    parameters.socket_timeout = CONNECT_TIMEOUT_SECONDS
    parameters.stack_timeout = 2 * CONNECT_TIMEOUT_SECONDS
    parameters.blocked_connection_timeout = BLOCKED_TIMEOUT_SECONDS
    return parameters


class RabbitMQSubscription:
    """A queue's messages; fills the port `Subscription`."""

    def __init__(
        self, channel: BlockingChannel, exchange: str, patterns: Sequence[str], queue: str | None
    ) -> None:
        self._channel = channel
        if queue is None:
            declared = channel.queue_declare("", exclusive=True)
        else:
            # However often its consumer fails, no message of it is dropped.
            arguments = {"x-queue-type": "quorum", "x-delivery-limit": PARKED_DELIVERY_LIMIT}
            declared = channel.queue_declare(queue, durable=True, arguments=arguments)
        self._queue = declared.method.queue
        for pattern in patterns:
            channel.queue_bind(self._queue, exchange, pattern)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection; what was not settled goes back to the queue."""
        if self._channel.connection.is_open:
            self._channel.connection.close()

    def receive(self, timeout_seconds: float) -> Received | None:
        """Return the next message, as `Subscription.receive`."""
        messages = self._channel.consume(self._queue, inactivity_timeout=timeout_seconds)
        method, properties, body = next(messages)
        if method is None or properties is None or body is None:
            return None
        event_id = properties.message_id or ""
        return Received(event_id, method.routing_key, body, method.delivery_tag)

    def settle(self, received: Received) -> None:
        """Say that a message is dealt with, as `Subscription.settle`."""
        self._channel.basic_ack(received.tag)
