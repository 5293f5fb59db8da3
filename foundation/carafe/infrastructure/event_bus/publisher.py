"""One connection to RabbitMQ with one channel in confirm mode.

pika's blocking channel waits for each confirm by itself, one round trip a message. This
drives pika's event loop instead: a whole wave is in flight, and each delivery tag is
answered for itself.
"""

import copy
import logging
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pika
from pika.channel import Channel
from pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError
from pika.frame import Method
from pika.spec import Basic, BasicProperties, Confirm

from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable

from .confirms import Confirms
from .port import Message, Outcome

log = logging.getLogger(__name__)

PERSISTENT = 2

# Frames that go out together are written in pieces of about this size.
PIECE_BYTES = 64 * 1024

SHORTEST_PATIENCE_SECONDS = 0.1

# The broker's farewell is awaited so long, and no longer.
CLOSE_SECONDS = 0.5

LOGIN_REFUSED = {AuthenticationError.__name__, ProbableAuthenticationError.__name__}


class CoalescingConnection(pika.SelectConnection):
    """Writes many frames at once.

    A message is three frames, and pika writes each with a system call of its own, which costs
    more than everything else about it.
    """

    _held: list[bytes] | None = None
    _held_bytes = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all frames of the block in few large pieces."""
        self._held, self._held_bytes = [], 0
        try:
            yield
        finally:
            held, self._held = self._held, None
            if held:
                super()._adapter_emit_data(b"".join(held))

    def drop(self) -> None:
        """Let go of the socket, without a farewell from the broker."""
        self._adapter_disconnect_stream()

    def _adapter_emit_data(self, data: bytes) -> None:
        """Take data on its way to the broker; pika leaves this to the adapter, which this is."""
        if self._held is None:
            super()._adapter_emit_data(data)
            return
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes >= PIECE_BYTES:
            super()._adapter_emit_data(b"".join(self._held))
            self._held, self._held_bytes = [], 0


class Publisher:
    """Publishes waves of messages and accounts for every confirm.

    Args:
        parameters: where the broker is.
        deadline: by when the connection must stand, on the clock of `time.monotonic`.

    Raises:
        BusUnavailable: it does not stand by then.
        BusLoginRefused: the broker refuses the login.
    """

    def __init__(self, parameters: pika.URLParameters, deadline: float) -> None:
        self._channel: Channel | None = None
        self._ready = False
        self._lost = ""
        self._confirms = Confirms()
        self._done: Callable[[], bool] = lambda: self._ready
        self._connection = CoalescingConnection(
            _patient_until(deadline, parameters),
            on_open_callback=self._on_connection_open,
            on_open_error_callback=self._on_lost,
            on_close_callback=self._on_lost,
        )
        # A little more than pika's own patience: it cannot give up an attempt when told to.
        self._run_until(lambda: self._ready or self._lost != "", deadline + CLOSE_SECONDS)
        if not self._ready:
            self.close()
            if self._lost in LOGIN_REFUSED:
                raise BusLoginRefused("The broker refuses our login.")
            reason = self._lost or "no answer in time"
            raise BusUnavailable(f"No connection to the broker: {reason}.")

    @property
    def usable(self) -> bool:
        """Tell whether another wave can go out on this connection."""
        return self._ready and not self._lost and self._confirms.complete

    def publish(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> dict[str, Outcome]:
        """Publish messages and wait for their answers, as `EventBus.publish`."""
        self._confirms.begin([message.id for message in messages])
        with self._connection.together():
            for message in messages:
                self._send(exchange, message)
        self._run_until(lambda: self._confirms.complete or self._lost != "", deadline)
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
        if self._channel is None or self._lost:
            return
        properties = BasicProperties(  # type: ignore[no-untyped-call]
            content_type=message.content_type,
            delivery_mode=PERSISTENT,
            message_id=message.id,
            type=message.type,
            headers=_encodable(message.headers) or None,
        )
        try:
            self._channel.basic_publish(
                exchange, message.routing_key, message.body, properties, mandatory=True
            )
        except AMQPError as error:
            self._on_lost(None, error)
            return
        self._confirms.sent(message.id)

    # Called by pika's loop

    def _on_connection_open(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel_open)

    def _on_channel_open(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_lost)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_answer, callback=self._on_confirm_mode)

    def _on_confirm_mode(self, _frame: Method[Confirm.SelectOk]) -> None:
        self._ready = True
        self._stop_if_done()

    def _on_return(
        self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes
    ) -> None:
        if properties.message_id is not None:
            self._confirms.returned(properties.message_id)

    def _on_answer(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        self._confirms.answered(
            frame.method.delivery_tag,
            multiple=frame.method.multiple,
            nacked=isinstance(frame.method, Basic.Nack),
        )
        self._stop_if_done()

    def _on_lost(self, _what: object, error: BaseException) -> None:
        if not self._lost:
            self._lost = type(error).__name__
        self._stop_if_done()

    # The loop

    def _stop_if_done(self) -> None:
        if self._done():
            self._connection.ioloop.stop()

    def _run_until(self, done: Callable[[], bool], deadline: float) -> None:
        """Run the loop until a condition holds or time is up."""
        self._done = done
        loop = self._connection.ioloop
        while not done() and (left := deadline - time.monotonic()) > 0:
            timer = loop.call_later(left, loop.stop)
            loop.start()
            loop.remove_timeout(timer)


def _encodable(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers that AMQP can carry; one that it cannot must hold up nothing."""
    kept = {}
    for name, value in headers.items():
        try:
            BasicProperties(headers={name: value}).encode()  # type: ignore[no-untyped-call]
        except (AMQPError, ValueError, TypeError, struct.error) as error:
            log.warning("a header was left out", extra={"reason": type(error).__name__})
        else:
            kept[name] = value
    return kept


def _patient_until(deadline: float, parameters: pika.URLParameters) -> pika.URLParameters:
    """Return parameters by which an attempt to connect ends by the deadline, or before."""
    left = max(SHORTEST_PATIENCE_SECONDS, deadline - time.monotonic())
    patient = copy.copy(parameters)
    patient.socket_timeout = min(parameters.socket_timeout or left, left)
    patient.stack_timeout = min(parameters.stack_timeout or left, left)
    return patient
