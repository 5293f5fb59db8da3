"""Feeds the inbox to `consume`, as AWS's event source mapping for Amazon MQ does.

A batch is acknowledged when the function returns, and goes back to the queue whole when it
raises: Amazon MQ knows no partial answers.
"""

import base64
import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from .event_sources import Function
from .pump import LocalContext
from .queues import REGION

log = logging.getLogger(__name__)

LARGEST_BATCH = 100
POLL_SECONDS = 0.2
PAUSE_AFTER_FAILURE_SECONDS = 1.0


class Fetched(NamedTuple):
    """A message as pika hands it over."""

    method: Any
    properties: pika.BasicProperties
    body: bytes


class InboxPump:
    """Feeds one queue of RabbitMQ to one function.

    Args:
        url: of the broker.
        queue: its name.
        function: called with event and context.
        name: the function's, in app.py.
    """

    def __init__(self, url: str, queue: str, function: Function, name: str = "consume") -> None:
        self._parameters = pika.URLParameters(url)
        self._queue = queue
        self._function = function
        self._name = name
        self._host = unquote(urlsplit(url).path[1:]) or "/"

    def run(self, stopping: threading.Event) -> None:
        """Feed until told to stop; a batch under way is finished."""
        while not stopping.is_set():
            try:
                self._feed(stopping)
            except (AMQPError, AMQPConnectorException, OSError) as error:
                log.warning("queue %s: %s", self._queue, type(error).__name__)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)

    def step(self) -> int:
        """Feed one batch, and return how many messages it had."""
        with pika.BlockingConnection(self._parameters) as connection:
            return self._fed(self._channel(connection))

    def _feed(self, stopping: threading.Event) -> None:
        with pika.BlockingConnection(self._parameters) as connection:
            channel = self._channel(connection)
            while not stopping.is_set():
                self._fed(channel)

    def _channel(self, connection: pika.BlockingConnection) -> BlockingChannel:
        channel = connection.channel()
        # As a consumer, not by single gets: for quorum queues each of these is a consumer of its
        # own, and RabbitMQ 3.10 forgets some of a hundred acknowledgements on closing.
        channel.basic_qos(prefetch_count=LARGEST_BATCH)
        return channel

    def _fed(self, channel: BlockingChannel) -> int:
        batch = self._gathered(channel)
        if not batch:
            return 0
        last = batch[-1].method.delivery_tag
        try:
            self._function(amazon_mq_event(self._queue, self._host, batch), self._context())
        except Exception:
            log.exception("%s raised, its batch returns", self._name)
            channel.basic_nack(last, multiple=True, requeue=True)
            channel.connection.sleep(PAUSE_AFTER_FAILURE_SECONDS)
        else:
            channel.basic_ack(last, multiple=True)
        return len(batch)

    def _gathered(self, channel: BlockingChannel) -> list[Fetched]:
        """Return what comes until the batch is full, or for a moment nothing comes."""
        batch: list[Fetched] = []
        for method, properties, body in channel.consume(
            self._queue, inactivity_timeout=POLL_SECONDS
        ):
            if method is None or properties is None or body is None:
                break
            batch.append(Fetched(method, properties, body))
            if len(batch) == LARGEST_BATCH:
                break
        return batch

    def _context(self) -> LocalContext:
        return LocalContext(self._name)


def amazon_mq_event(queue: str, host: str, messages: Sequence[Fetched]) -> dict[str, Any]:
    """Return the event that AWS Lambda makes of messages.

    Args:
        queue: the queue's name.
        host: the virtual host.
        messages: in the order of the queue.
    """
    return {
        "eventSource": "aws:rmq",
        "eventSourceArn": f"arn:aws:mq:{REGION}:000000000000:broker:local:b-0",
        "rmqMessagesByQueue": {f"{queue}::{host}": [_message(each) for each in messages]},
    }


def _message(fetched: Fetched) -> dict[str, Any]:
    properties = fetched.properties
    return {
        "basicProperties": {
            "contentType": properties.content_type,
            "contentEncoding": properties.content_encoding,
            "headers": _header(properties.headers or {}),
            "deliveryMode": properties.delivery_mode,
            "priority": properties.priority,
            "correlationId": properties.correlation_id,
            "replyTo": properties.reply_to,
            "expiration": properties.expiration,
            "messageId": properties.message_id,
            "timestamp": _timestamp(properties.timestamp),
            "type": properties.type,
            "userId": properties.user_id,
            "appId": properties.app_id,
            "clusterId": properties.cluster_id,
            "bodySize": len(fetched.body),
        },
        "redelivered": fetched.method.redelivered,
        "data": base64.b64encode(fetched.body).decode(),
    }


def _timestamp(seconds: int | None) -> str | None:
    """Return a moment as Lambda writes it, `Jan 1, 1970, 12:33:41 AM`."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%b %-d, %Y, %-I:%M:%S %p")


def _header(value: object) -> Any:  # noqa: ANN401 - any AMQP value
    """Return a header's value as Lambda writes it: texts as arrays of their bytes."""
    if isinstance(value, str):
        return {"bytes": list(value.encode())}
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, dict):
        return {name: _header(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_header(each) for each in value]
    return value if isinstance(value, bool | int | float | None) else str(value)
