"""The messages of a queue on RabbitMQ."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from pika.adapters.blocking_connection import BlockingChannel

from carafe.infrastructure.errors import BusUnavailable

from .amqp_values import text_of
from .connections import BROKER_ERRORS
from .port import ReceivedMessage
from .topology import PARKED_DELIVERY_LIMIT

# The broker closes a channel whose messages are not settled within half an hour, those that wait
# here included. So few are fetched ahead, and a handler may take seven minutes for each.
PREFETCHED_MESSAGES = 4

# Of the heartbeat's interval. The broker gives a connection up after two missed heartbeats.
_SERVED_PER_HEARTBEAT = 6


class RabbitMQSubscription:
    """The messages of a queue; implements the port `Subscription`.

    A thread answers the broker's heartbeats while a message is being handled. pika's connection
    may be used by several threads as long as only one does so at a time.

    Args:
        channel: on a connection of its own.
        exchange: from which the queue gets its messages.
        patterns: of routing keys.
        queue: its name; without a name, the queue is deleted with the subscription.
        heartbeat_seconds: the heartbeat's interval.

    Raises:
        BusUnavailable: the broker refused something; the connection is closed.
    """

    def __init__(
        self,
        channel: BlockingChannel,
        exchange: str,
        patterns: Sequence[str],
        queue: str | None,
        heartbeat_seconds: float,
    ) -> None:
        self._channel = channel
        self._interval_seconds = heartbeat_seconds / _SERVED_PER_HEARTBEAT
        self._in_use = threading.Lock()
        self._closed = threading.Event()
        self._unsettled_tags: set[int] = set()
        self._prefetched = PREFETCHED_MESSAGES
        try:
            with self._connection():
                self._queue = _bound_queue(channel, exchange, patterns, queue)
        except BusUnavailable:
            self._close()
            raise
        threading.Thread(target=self._serve_heartbeats, name="heartbeats", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection; unsettled messages go back to the queue.

        What Ctrl-C has interrupted in pika may stand in the way; the process ends anyway.
        """
        self._closed.set()
        is_interrupted = kind is not None and not issubclass(kind, Exception)
        with self._in_use, suppress(*((Exception,) if is_interrupted else ())):
            self._close()

    def receive(self, timeout_seconds: float) -> ReceivedMessage | None:
        """Return the next message, as `Subscription.receive`."""
        with self._connection():
            if len(self._unsettled_tags) == self._prefetched:
                self._fetch_more()
            messages = self._channel.consume(self._queue, inactivity_timeout=timeout_seconds)
            message = next(messages, None)
        if message is None:
            raise BusUnavailable("The queue was deleted: the subscription has ended.")
        method, properties, body = message
        if method is None or properties is None or body is None:
            return None
        self._unsettled_tags.add(method.delivery_tag)
        event_id, routing_key = text_of(properties.message_id), text_of(method.routing_key)
        return ReceivedMessage(event_id, routing_key, body, method.delivery_tag)

    def settle(self, message: ReceivedMessage) -> None:
        """Acknowledge a message, as `Subscription.settle`."""
        with self._connection():
            self._channel.connection.process_data_events(0)  # notices a lost connection
            self._channel.basic_ack(message.tag)
        self._unsettled_tags.discard(message.tag)

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """Use the connection; raise BusUnavailable if it is lost."""
        with self._in_use:
            try:
                yield
            except BROKER_ERRORS as error:
                self._closed.set()
                raise BusUnavailable(
                    f"The broker ended the subscription: {type(error).__name__}."
                ) from error

    def _fetch_more(self) -> None:
        """Go on beside messages that are not settled, and come again after the subscription."""
        self._channel.cancel()
        self._prefetched = len(self._unsettled_tags) + PREFETCHED_MESSAGES
        self._channel.basic_qos(prefetch_count=self._prefetched)

    def _serve_heartbeats(self) -> None:
        while not self._closed.wait(self._interval_seconds):
            # While a message is awaited, pika serves them itself.
            if self._in_use.acquire(blocking=False):
                try:
                    self._channel.connection.process_data_events(0)
                except BROKER_ERRORS:
                    return  # the next use of the connection raises
                finally:
                    self._in_use.release()

    def _close(self) -> None:
        with suppress(*BROKER_ERRORS):
            self._channel.connection.close()


def _bound_queue(
    channel: BlockingChannel, exchange: str, patterns: Sequence[str], queue: str | None
) -> str:
    """Declare and bind a queue, and return its name."""
    channel.basic_qos(prefetch_count=PREFETCHED_MESSAGES)
    if queue is None:
        response = channel.queue_declare("", exclusive=True)
    else:
        # No message is dropped, however often its consumer fails.
        arguments = {"x-queue-type": "quorum", "x-delivery-limit": PARKED_DELIVERY_LIMIT}
        response = channel.queue_declare(queue, durable=True, arguments=arguments)
    name: str = response.method.queue
    for pattern in patterns:
        channel.queue_bind(name, exchange, pattern)
    return name
