"""Bare pipelined publishing: ready bodies, all in flight, confirms only counted. The limit."""

from collections.abc import Sequence

import pika
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic, BasicProperties

_PERSISTENT = 2
_ROUTING_KEY = "ordering.order.placed"


class PipelinedPublisher:
    """One connection, with nothing around it.

    Args:
        url: of the broker.
        exchange: takes the messages.
    """

    def __init__(self, url: str, exchange: str) -> None:
        self._exchange = exchange
        self._channel: Channel | None = None
        self._sent = 0
        self._confirmed = 0
        self._connection = pika.SelectConnection(
            pika.URLParameters(url), on_open_callback=self._on_open
        )
        self._connection.ioloop.start()

    def publish(self, bodies: Sequence[bytes]) -> None:
        """Publish all, and wait until all are confirmed."""
        if self._channel is None:
            raise RuntimeError("no channel")
        properties = BasicProperties(delivery_mode=_PERSISTENT)  # type: ignore[no-untyped-call]
        for body in bodies:
            self._channel.basic_publish(self._exchange, _ROUTING_KEY, body, properties)
        self._sent += len(bodies)
        self._connection.ioloop.start()

    def close(self) -> None:
        """Close the connection."""
        self._connection.add_on_close_callback(lambda *_: self._connection.ioloop.stop())
        self._connection.close()
        self._connection.ioloop.start()

    def _on_open(self, connection: pika.SelectConnection) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.confirm_delivery(self._on_answer, callback=lambda _: self._connection.ioloop.stop())

    def _on_answer(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        if isinstance(frame.method, Basic.Nack):
            raise TypeError("the broker refused a message")
        # With `multiple` everything up to the tag, else this one; when all are in flight and none
        # is refused, the highest tag answered in full is the same as a count.
        self._confirmed = (
            frame.method.delivery_tag if frame.method.multiple else self._confirmed + 1
        )
        if self._confirmed >= self._sent:
            self._connection.ioloop.stop()
