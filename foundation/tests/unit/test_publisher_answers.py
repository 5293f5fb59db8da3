"""What the publisher makes of pika's calls, without a broker: a channel that notes what it gets."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker
from pika.frame import Method
from pika.spec import Basic, BasicProperties

from carafe.infrastructure.event_bus.confirms import Confirms
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.publisher import (
    PIECE_BYTES,
    CoalescingConnection,
    Publisher,
)

CONFIRMED, NACKED, RETURNED, UNKNOWN = (
    Outcome.CONFIRMED,
    Outcome.NACKED,
    Outcome.RETURNED,
    Outcome.UNKNOWN,
)
_ack: Callable[..., Basic.Ack] = Basic.Ack
_nack: Callable[..., Basic.Nack] = Basic.Nack
_return: Callable[[], Basic.Return] = Basic.Return


class Wire:
    """Connection, loop and channel in one.

    Attributes:
        sent: arguments of each message.
        stops: how often the loop was stopped.
    """

    def __init__(self, errors: Mapping[str, Exception]) -> None:
        self.sent: list[tuple[Any, ...]] = []
        self.stops = 0
        self.ioloop = self
        self._errors = errors

    def buffered_writes(self) -> nullcontext[None]:
        return nullcontext()

    def basic_publish(self, *arguments: Any, mandatory: bool) -> None:  # noqa: ANN401 - pika's
        properties = arguments[3]
        if error := self._errors.get(properties.message_id):
            raise error
        self.sent.append((*arguments, mandatory))

    def stop(self) -> None:
        self.stops += 1


class Wired(Publisher):
    """A publisher on such a wire, whose broker answers what it is told to."""

    def __init__(
        self, *answers: Callable[["Wired"], None], errors: Mapping[str, Exception] | None = None
    ) -> None:
        self.wire: Any = Wire(errors or {})
        self._ready, self._failure, self.exchange_missing = True, "", False
        self._confirms = Confirms()
        self._connection: Any = self.wire
        self._channel: Any = self.wire
        self._stop_condition = lambda: self._ready
        self._answers = answers
        self.deadlines: list[float] = []

    def _run_until(self, condition: Callable[[], bool], deadline: float) -> None:
        self._stop_condition = condition
        self.deadlines.append(deadline)
        for answer in self._answers:
            answer(self)

    def acknowledge(self, tag: int, *, multiple: bool = False) -> None:
        self._on_answer(Method(1, _ack(tag, multiple)))

    def reject(self, tag: int) -> None:
        self._on_answer(Method(1, _nack(tag)))

    def return_(self, identifier: str | None) -> None:
        properties = BasicProperties(message_id=identifier)  # type: ignore[no-untyped-call]
        self._on_return(self.wire, _return(), properties, b"")

    def fail(self, error: BaseException) -> None:
        self._on_failure(self.wire, error)


def a_message(name: str, **attributes: Any) -> Message:  # noqa: ANN401 - any attribute
    return Message(name, "a type", "a.key", b"body", **attributes)


A, B, C = (a_message(each) for each in "abc")


def test_a_message_is_sent_whole_persistent_and_mandatory() -> None:
    publisher = Wired()
    message = a_message("a", headers={"x": 1}, content_type="text/x")
    publisher.publish("exchange", [message, B], 7.0)
    (exchange, key, body, properties, mandatory), (*_, bare, _) = publisher.wire.sent
    assert (exchange, key, body, mandatory) == ("exchange", "a.key", b"body", True)
    assert (properties.message_id, properties.type) == ("a", "a type")
    assert (properties.content_type, properties.delivery_mode) == ("text/x", 2)
    assert (properties.headers, bare.headers) == ({"x": 1}, None)
    assert publisher.deadlines == [7.0]


def test_each_message_gets_the_answer_that_is_its_own() -> None:
    publisher = Wired(
        lambda each: each.return_("b"),
        lambda each: each.return_(None),
        lambda each: each.reject(3),
        lambda each: each.acknowledge(2, multiple=True),
    )
    outcomes = publisher.publish("exchange", [A, B, C, a_message("d")], 7.0)
    assert outcomes == {"a": CONFIRMED, "b": RETURNED, "c": NACKED, "d": UNKNOWN}
    assert not publisher.is_usable, "one has no answer"
    assert publisher.wire.stops == 0
    publisher.acknowledge(4)
    assert publisher.is_usable
    assert publisher.wire.stops == 1


@pytest.mark.parametrize("error", [ValueError(), TypeError(), AssertionError()])
def test_what_cannot_be_encoded_keeps_no_other_from_its_answer(error: Exception) -> None:
    publisher = Wired(lambda each: each.acknowledge(2, multiple=True), errors={"b": error})
    outcomes = publisher.publish("exchange", [A, B, C], 7.0)
    assert outcomes == {"a": CONFIRMED, "b": UNKNOWN, "c": CONFIRMED}
    assert publisher.is_usable


def test_on_a_channel_that_breaks_nothing_more_is_sent() -> None:
    error = ConnectionClosedByBroker(320, "closed")
    publisher = Wired(lambda each: each.acknowledge(1), errors={"b": error})
    outcomes = publisher.publish("exchange", [A, B, C], 7.0)
    assert outcomes == {"a": CONFIRMED, "b": UNKNOWN, "c": UNKNOWN}
    assert [each[3].message_id for each in publisher.wire.sent] == ["a"]
    assert not publisher.is_usable


def test_whatever_tells_that_the_exchange_is_missing_is_heard() -> None:
    publisher = Wired(errors={"a": ChannelClosedByBroker(404, "no exchange")})
    assert publisher.publish("exchange", [A], 7.0) == {"a": UNKNOWN}
    assert publisher.exchange_missing


def test_without_a_channel_nothing_is_sent() -> None:
    publisher = Wired()
    publisher._channel = None  # noqa: SLF001 - as before it is open
    assert publisher.publish("exchange", [A], 7.0) == {"a": UNKNOWN}
    assert publisher.wire.sent == []


@pytest.mark.parametrize(
    ("error", "is_missing"),
    [
        (ChannelClosedByBroker(404, "no exchange"), True),
        (ChannelClosedByBroker(403, "refused"), False),
        (ConnectionClosedByBroker(320, "closed"), False),
    ],
)
def test_the_first_failure_tells_whether_the_exchange_is_missing(
    error: Exception, *, is_missing: bool
) -> None:
    publisher = Wired(
        lambda each: each.fail(error),
        lambda each: each.fail(ChannelClosedByBroker(404, "later")),
    )
    assert publisher.publish("exchange", [A], 7.0) == {"a": UNKNOWN}
    assert publisher.exchange_missing is is_missing
    assert not publisher.is_usable
    assert publisher.wire.stops == 2


def test_a_header_that_cannot_be_encoded_is_left_out() -> None:
    publisher = Wired()
    headers = {"good": "x", "x" * 300: 1, "bad": object(), "also": 2}
    publisher.publish("exchange", [a_message("a", headers=headers)], 7.0)
    assert publisher.wire.sent[0][3].headers == {"good": "x", "also": 2}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is written to the socket, piece by piece."""
    pieces: list[bytes] = []
    monkeypatch.setattr(
        pika.SelectConnection, "_adapter_emit_data", lambda _, data: pieces.append(data)
    )
    return pieces


def test_frames_are_written_in_a_few_large_pieces(written: list[bytes]) -> None:
    connection = object.__new__(CoalescingConnection)
    emit = connection._adapter_emit_data
    half = b"x" * (PIECE_BYTES // 2)
    emit(b"before")
    with connection.buffered_writes():
        emit(half)
        emit(half[:-1])
        assert written == [b"before"]
        emit(b"y")
        emit(b"z")
        assert written == [b"before", half + half[:-1] + b"y"]
        emit(half)
        emit(half[:-2])
        assert len(written) == 2
    emit(b"after")
    assert written[2:] == [b"z" + half + half[:-2], b"after"]
    with connection.buffered_writes():
        pass
    assert len(written) == 4


def test_what_was_buffered_is_written_whatever_happens(written: list[bytes]) -> None:
    connection = object.__new__(CoalescingConnection)

    def fail() -> None:
        with connection.buffered_writes():
            connection._adapter_emit_data(b"x")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert written == [b"x"]
