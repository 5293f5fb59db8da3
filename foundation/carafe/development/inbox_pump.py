"""Feeds the inbox to `consume`, as AWS's event source mapping for Amazon MQ does.

A batch is acknowledged when the function returns, and goes back to the queue as a whole when it
raises: Amazon MQ has no partial batch responses.
"""

import logging
import threading
from typing import NamedTuple

import pika
from pika.adapters.blocking_connection import BlockingChannel

from carafe.contracts.addresses import virtual_host_of
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of

from .event_sources import Function
from .lambda_context import LambdaContext
from .lambda_events import BrokerMessage, amazon_mq_event

log = logging.getLogger(__name__)

LARGEST_BATCH = 100
POLL_SECONDS = 0.2

# AWS gathers a batch for half a second. Who waits for an effect on this machine would feel that.
GATHER_SECONDS = 0.1
"""The silence that ends a batch."""

PAUSE_AFTER_FAILURE_SECONDS = 1.0


class Batch(NamedTuple):
    """The messages of one invocation, and the delivery tag of the last one."""

    messages: list[BrokerMessage]
    last_tag: int


class InboxPump:
    """Feeds one queue of RabbitMQ to one function.

    Args:
        url: of the broker.
        queue: its name.
        function: called with event and context.
        name: the function's name in app.py.
    """

    def __init__(self, url: str, queue: str, function: Function, name: str = "consume") -> None:
        self._nodes = parameters_of(url)
        self._queue = queue
        self._function = function
        self._name = name
        self._virtual_host = virtual_host_of(url)

    def run(self, stopping: threading.Event) -> None:
        """Feed the function until `stopping` is set; the current batch is finished."""
        while not stopping.is_set():
            try:
                self._feed(stopping)
            except (BusUnavailable, *BROKER_ERRORS) as error:
                log.warning("queue %s: %s", self._queue, type(error).__name__)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)

    def step(self) -> int:
        """Feed one batch, and return the number of its messages."""
        with connect(self._nodes) as connection:
            return self._feed_batch(self._channel(connection))

    def _feed(self, stopping: threading.Event) -> None:
        with connect(self._nodes) as connection:
            channel = self._channel(connection)
            while not stopping.is_set():
                self._feed_batch(channel)

    def _channel(self, connection: pika.BlockingConnection) -> BlockingChannel:
        channel = connection.channel()
        # Consume instead of single gets: on a quorum queue each get is a consumer of its own, and
        # RabbitMQ 3.10 loses some of a hundred acknowledgements when the channel closes.
        channel.basic_qos(prefetch_count=LARGEST_BATCH)
        return channel

    def _feed_batch(self, channel: BlockingChannel) -> int:
        batch = self._next_batch(channel)
        if not batch.messages:
            return 0
        event = amazon_mq_event(self._queue, self._virtual_host, batch.messages)
        try:
            self._function(event, LambdaContext(self._name))
        except Exception:
            log.exception("%s raised, its batch returns", self._name)
            channel.basic_nack(batch.last_tag, multiple=True, requeue=True)
            channel.connection.sleep(PAUSE_AFTER_FAILURE_SECONDS)
        else:
            channel.basic_ack(batch.last_tag, multiple=True)
        return len(batch.messages)

    def _next_batch(self, channel: BlockingChannel) -> Batch:
        """Return the messages that arrive until the batch is full or the queue is silent."""
        messages: list[BrokerMessage] = []
        last_tag = 0
        while len(messages) < LARGEST_BATCH:
            seconds = GATHER_SECONDS if messages else POLL_SECONDS
            arriving = channel.consume(self._queue, inactivity_timeout=seconds)  # goes on
            method, properties, body = next(arriving, (None, None, None))
            if method is None or properties is None or body is None:
                break
            messages.append(BrokerMessage(body, properties, bool(method.redelivered)))
            last_tag = method.delivery_tag
        return Batch(messages, last_tag)
