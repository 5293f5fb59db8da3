"""A broker on a real socket that speaks AMQP 0-9-1 with a publisher, as a test wants it to.

Frames are read and written by pika, whose classes know both sides of the protocol.
"""

import copy
import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pika import BasicProperties, spec
from pika.frame import Body, Header, Heartbeat, Method, ProtocolHeader, decode_frame

from carafe.testing.listener import Listener, hang_up

LARGEST_FRAME = 128 * 1024

METHODS: Any = spec  # for which pika has no types

Frame = Method[Any] | Header | Body

CAPABILITIES = {
    "authentication_failure_close": True,
    "basic.nack": True,
    "publisher_confirms": True,
}
PROPERTIES = {"product": "scripted", "capabilities": CAPABILITIES}
"""What RabbitMQ says of itself, as far as pika asks for it."""


def of_connection(method: Any) -> list[Frame]:  # noqa: ANN401 - pika's
    """Return the frame of a method that is about the whole connection."""
    return [Method(0, method)]


def of_channel(method: Any) -> list[Frame]:  # noqa: ANN401 - pika's
    """Return the frame of a method that is about the channel on which was asked."""
    return [Method(1, method)]


@dataclass
class Sent:
    """A message as the broker gets it."""

    exchange: str
    routing_key: str
    mandatory: bool
    properties: BasicProperties
    body: bytes


Answer = Callable[[int, Sent], Sequence[Frame]]
"""Takes the tag of a message, by which it is acknowledged, and the message."""

HANG_UP: list[Frame] = []
"""In place of an answer: the connection is closed at once."""


def acknowledged(tag: int, _sent: Sent) -> list[Frame]:
    """Answer that a message is stored."""
    return of_channel(METHODS.Basic.Ack(tag))


def returned(tag: int, sent: Sent) -> list[Frame]:
    """Answer that no queue accepts a message, and that it is dealt with."""
    return [
        *of_channel(METHODS.Basic.Return(312, "NO_ROUTE", sent.exchange, sent.routing_key)),
        Header(1, len(sent.body), sent.properties),
        Body(1, sent.body),
        *acknowledged(tag, sent),
    ]


Reply = Sequence[Frame] | Callable[[Any], Sequence[Frame]] | None
"""What is answered to a method; None for silence."""

REPLIES: Mapping[str, Reply] = {
    "Connection.StartOk": of_connection(METHODS.Connection.Tune(10, LARGEST_FRAME, 0)),
    "Connection.Open": of_connection(METHODS.Connection.OpenOk()),
    "Connection.Close": of_connection(METHODS.Connection.CloseOk()),
    "Channel.Open": of_channel(METHODS.Channel.OpenOk()),
    "Channel.Close": of_channel(METHODS.Channel.CloseOk()),
    "Confirm.Select": of_channel(METHODS.Confirm.SelectOk()),
}
"""What is answered to each method that waits for an answer."""


class ScriptedBroker(Listener):
    """Serves publishers.

    Args:
        answer: to each message.
        replies: other ones than REPLIES, or further ones.

    Attributes:
        url: its address.
        methods: those that it was sent.
        sent: the messages that it was sent.
        gone: set when a publisher has hung up.
    """

    def __init__(self, answer: Answer = acknowledged, replies: Mapping[str, Reply] = {}) -> None:
        self._answer = answer
        self._replies = {**REPLIES, **replies}
        self.methods: list[Any] = []
        self.sent: list[Sent] = []
        self.gone = threading.Event()
        self._connections: list[socket.socket] = []
        super().__init__()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    @property
    def heard(self) -> list[str]:
        """The names of the methods that it was sent."""
        return [each.NAME for each in self.methods]

    def serve(self, connection: socket.socket) -> None:
        """Answer what comes on a connection until either side closes it."""
        self._connections.append(connection)
        with suppress(OSError), connection:
            frames, tags = frames_of(connection), itertools.count(1)
            for each in frames:
                answers = self._answers(each, frames, tags)
                if answers is HANG_UP:
                    break
                connection.sendall(b"".join(map(marshaled_for(each), answers)))
        self.gone.set()

    def close(self) -> None:
        """Close the port, and what is connected."""
        super().close()
        hang_up(*self._connections)

    def _answers(
        self,
        frame: Any,  # noqa: ANN401 - any frame
        frames: Iterator[Any],
        tags: Iterator[int],
    ) -> Sequence[Frame]:
        if isinstance(frame, ProtocolHeader):
            return of_connection(METHODS.Connection.Start(server_properties=PROPERTIES))
        if isinstance(frame, Heartbeat):
            return []
        self.methods.append(frame.method)
        if isinstance(frame.method, spec.Basic.Publish):
            self.sent.append(_message(frame.method, frames))
            return self._answer(next(tags), self.sent[-1])
        reply = self._replies.get(frame.method.NAME)
        if callable(reply):
            return reply(frame.method)
        return [] if reply is None else reply


def _message(method: Any, frames: Iterator[Any]) -> Sent:  # noqa: ANN401 - pika's
    """Read the rest of a message: a header and as many bodies as it says."""
    header = next(frames)
    body = b""
    while len(body) < header.body_size:
        body += next(frames).fragment
    return Sent(method.exchange, method.routing_key, method.mandatory, header.properties, body)


def marshaled_for(asked: Any) -> Callable[[Frame], bytes]:  # noqa: ANN401 - any frame
    """Return what writes an answer, on the channel on which was asked."""

    def marshaled(answer: Frame) -> bytes:
        frame = copy.copy(answer)
        if frame.channel_number:
            frame.channel_number = asked.channel_number
        return bytes(frame.marshal())

    return marshaled


def frames_of(connection: socket.socket) -> Iterator[Any]:
    """Yield the frames that come, until the other side hangs up."""
    data = b""
    while received := connection.recv(LARGEST_FRAME):
        data += received
        size, frame = decode_frame(data)
        while frame is not None:
            yield frame
            data = data[size:]
            size, frame = decode_frame(data)
