"""One connection to RabbitMQ with one channel in confirm mode.

pika's blocking channel waits for each confirm separately, one round trip per message. This
module drives pika's event loop instead, so that a whole wave is in flight at once.
"""

import logging
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pika
from pika.channel import Channel
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    ShortStringTooLong,
    UnsupportedAMQPFieldException,
)
from pika.frame import Method
from pika.spec import Basic, BasicProperties, Confirm

from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable

from .confirms import Confirms
from .connections import LOGIN_REFUSED, LOGIN_REFUSED_ADVICE, with_timeouts
from .port import Message, Outcome

log = logging.getLogger(__name__)

PERSISTENT = 2

# Buffered frames are written in pieces of about this size.
PIECE_BYTES = 64 * 1024

# How long the broker has to answer that it closes the connection.
CLOSE_SECONDS = 0.5

NOT_FOUND = 404
"""The broker's reply when an exchange is missing (AMQP 0-9-1, section 1.2)."""

UNENCODABLE = (
    ShortStringTooLong,
    UnsupportedAMQPFieldException,
    AssertionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pika raises before it sends anything of a message."""

_LOGIN_REFUSED = {each.__name__ for each in LOGIN_REFUSED}


class CoalescingConnection(pika.SelectConnection):
    """Writes many frames at once.

    A message has three frames. pika writes each with its own system call, which costs more than
    all other work for the message.
    """

    _buffer: list[bytes] | None = None
    _buffered_bytes = 0

    @contextmanager
    def buffered_writes(self) -> Iterator[None]:
        """Write all frames of the block in a few large pieces."""
        self._buffer, self._buffered_bytes = [], 0
        try:
            yield
        finally:
            frames, self._buffer = self._buffer, None
            if frames:
                super()._adapter_emit_data(b"".join(frames))

    def drop(self) -> None:
        """Close the socket without waiting for the broker."""
        self._adapter_disconnect_stream()

    def _adapter_emit_data(self, data: bytes) -> None:
        """Write data to the broker; pika leaves this to its adapters."""
        if self._buffer is None:
            super()._adapter_emit_data(data)
            return
        self._buffer.append(data)
        self._buffered_bytes += len(data)
        if self._buffered_bytes >= PIECE_BYTES:
            super()._adapter_emit_data(b"".join(self._buffer))
            self._buffer, self._buffered_bytes = [], 0


class Publisher:
    """Publishes waves of messages and returns the outcome of each message.

    Args:
        parameters: of the connection.
        deadline: for connecting, on the clock of `time.monotonic`.

    Raises:
        BusUnavailable: there is no connection by then.
        BusLoginRefused: the broker refuses the login.
    """

    def __init__(self, parameters: pika.URLParameters, deadline: float) -> None:
        self._channel: Channel | None = None
        self._ready = False
        self._failure = ""
        self.exchange_missing = False
        self._confirms = Confirms()
        self._stop_condition: Callable[[], bool] = lambda: self._ready
        self._connection = CoalescingConnection(
            with_timeouts(parameters, deadline),
            on_open_callback=self._on_connection_open,
            on_open_error_callback=self._on_failure,
            on_close_callback=self._on_failure,
        )
        # A little longer than pika's own timeouts, since pika cannot cancel an attempt.
        self._run_until(lambda: self._ready or self._failure != "", deadline + CLOSE_SECONDS)
        if not self._ready:
            reason = self._failure or "no answer in time"  # before closing counts as a failure
            self.close()
            if reason in _LOGIN_REFUSED:
                raise BusLoginRefused(LOGIN_REFUSED_ADVICE)
            raise BusUnavailable(f"No connection to the broker: {reason}.")

    @property
    def is_usable(self) -> bool:
        """Whether another wave can be published on this connection."""
        return self._ready and not self._failure and self._confirms.is_complete

    def publish(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> dict[str, Outcome]:
        """Publish messages and wait for their answers, as `EventBus.publish`."""
        self._confirms.begin([message.id for message in messages])
        with self._connection.buffered_writes():
            for message in messages:
                self._send(exchange, message)
        self._run_until(lambda: self._confirms.is_complete or self._failure != "", deadline)
        return self._confirms.outcomes()

    def close(self) -> None:
        """Close the connection."""
        if not (self._connection.is_closed or self._connection.is_closing):
            self._connection.close()
        self._run_until(lambda: self._connection.is_closed, time.monotonic() + CLOSE_SECONDS)
        if not self._connection.is_closed:
            self._connection.drop()
            self._run_until(lambda: self._connection.is_closed, time.monotonic() + CLOSE_SECONDS)
        self._connection.ioloop.close()

    def _send(self, exchange: str, message: Message) -> None:
        if self._channel is None or self._failure:
            return
        properties = BasicProperties(  # type: ignore[no-untyped-call]
            content_type=message.content_type,
            delivery_mode=PERSISTENT,
            message_id=message.id,
            type=message.type,
            headers=_encodable_headers(message.headers) or None,
        )
        try:
            self._channel.basic_publish(
                exchange, message.routing_key, message.body, properties, mandatory=True
            )
        except UNENCODABLE as error:
            # This message's outcome stays UNKNOWN; the others go on.
            log.warning("a message cannot be encoded", extra={"reason": type(error).__name__})
            return
        except AMQPError as error:
            self._on_failure(None, error)
            return
        self._confirms.record_sent(message.id)

    # Callbacks of pika's loop

    def _on_connection_open(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel_open)

    def _on_channel_open(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_failure)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_answer, callback=self._on_confirm_mode)

    def _on_confirm_mode(self, _frame: Method[Confirm.SelectOk]) -> None:
        self._ready = True
        self._stop_if_met()

    def _on_return(
        self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes
    ) -> None:
        if properties.message_id is not None:
            self._confirms.record_returned(properties.message_id)

    def _on_answer(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        self._confirms.record_answer(
            frame.method.delivery_tag,
            multiple=frame.method.multiple,
            nacked=isinstance(frame.method, Basic.Nack),
        )
        self._stop_if_met()

    def _on_failure(self, _source: object, error: BaseException) -> None:
        if not self._failure:
            self._failure = type(error).__name__
            self.exchange_missing = (
                isinstance(error, ChannelClosedByBroker) and error.reply_code == NOT_FOUND
            )
        self._stop_if_met()

    # The loop

    def _stop_if_met(self) -> None:
        if self._stop_condition():
            self._connection.ioloop.stop()

    def _run_until(self, condition: Callable[[], bool], deadline: float) -> None:
        """Run the loop until a condition holds or the deadline has passed."""
        self._stop_condition = condition
        loop = self._connection.ioloop
        while not condition() and (remaining := deadline - time.monotonic()) > 0:
            timer = loop.call_later(remaining, loop.stop)
            loop.start()
            loop.remove_timeout(timer)


def _encodable_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers that AMQP can carry; one that it cannot must not stop the message."""
    encodable = {}
    for name, value in headers.items():
        try:
            BasicProperties(headers={name: value}).encode()  # type: ignore[no-untyped-call]
        except UNENCODABLE as error:
            log.warning("a header was left out", extra={"reason": type(error).__name__})
        else:
            encodable[name] = value
    return encodable
