"""The publisher's connection, from the first frame to the last, to a broker that a test scripts."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pytest

from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable
from carafe.infrastructure.event_bus import publisher as module
from carafe.infrastructure.event_bus.connections import parameters_of
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.publisher import CoalescingConnection, Publisher
from tests.support.scripted_broker import (
    HANG_UP,
    METHODS,
    Answer,
    Frame,
    ScriptedBroker,
    Sent,
    acknowledged,
    of_channel,
    of_connection,
    returned,
)

pytestmark = pytest.mark.timeout(10)

CONFIRMED, NACKED, RETURNED, UNKNOWN = (
    Outcome.CONFIRMED,
    Outcome.NACKED,
    Outcome.RETURNED,
    Outcome.UNKNOWN,
)
CONNECTED = [
    "Connection.StartOk",
    "Connection.TuneOk",
    "Connection.Open",
    "Channel.Open",
    "Confirm.Select",
]
CLOSED = ["Channel.Close", "Connection.Close"]

SOON = 0.2
"""Seconds within which nothing comes of a broker that is silent."""


def messages(count: int, body: bytes = b"body") -> list[Message]:
    return [Message(f"m{each}", "a type", "a.key", body) for each in range(1, count + 1)]


def in_time() -> float:
    return time.monotonic() + 5


def connected(broker: ScriptedBroker, deadline: float | None = None) -> Publisher:
    (parameters,) = parameters_of(broker.url)
    return Publisher(parameters, deadline or in_time())


@contextmanager
def published(
    answer: Answer, count: int, deadline: float | None = None
) -> Iterator[tuple[Publisher, list[Outcome]]]:
    """Yield a publisher that has published messages, and the outcome of each."""
    with ScriptedBroker(answer) as broker, closing(connected(broker)) as publisher:
        outcomes = publisher.publish("events", messages(count), deadline or in_time())
        assert list(outcomes) == [each.id for each in messages(count)]
        yield publisher, list(outcomes.values())


@pytest.fixture
def soon_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker has less time to answer that it closes the connection."""
    monkeypatch.setattr(module, "CLOSE_SECONDS", SOON)


def test_one_connection_serves_wave_after_wave_and_is_closed_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CLOSE_SECONDS", 3600.0)  # the broker's answer is enough
    with ScriptedBroker() as broker:
        publisher = connected(broker)
        assert publisher.is_usable
        assert publisher.exchange_missing is False
        for _ in range(2):
            wave = publisher.publish("events", messages(2, b"x" * 200_000), in_time())
            assert wave == {"m1": CONFIRMED, "m2": CONFIRMED}
            assert publisher.is_usable
        publisher.close()
        assert broker.gone.wait(10)
    assert broker.heard == [*CONNECTED, *["Basic.Publish"] * 4, *CLOSED]
    assert {len(each.body) for each in broker.sent} == {200_000}


def answered_at_last(count: int, frames: Sequence[Frame]) -> Answer:
    """Return an answer that waits for a number of messages."""
    return lambda tag, _: frames if tag == count else []


def test_the_answers_are_those_of_the_broker() -> None:
    def answer(tag: int, sent: Sent) -> Sequence[Frame]:
        if tag == 2:
            return of_channel(METHODS.Basic.Nack(tag))
        return returned(tag, sent) if tag == 3 else acknowledged(tag, sent)

    with published(answer, 4) as (publisher, outcomes):
        assert outcomes == [CONFIRMED, NACKED, RETURNED, CONFIRMED]
        assert publisher.is_usable


def test_one_answer_may_be_for_all() -> None:
    all_three = of_channel(METHODS.Basic.Ack(3, multiple=True))
    with published(answered_at_last(3, all_three), 3) as (publisher, outcomes):
        assert outcomes == [CONFIRMED] * 3
        assert publisher.is_usable


def test_after_the_deadline_no_answer_is_waited_for() -> None:
    first = of_channel(METHODS.Basic.Ack(1))
    deadline = time.monotonic() + SOON
    with published(answered_at_last(2, first), 2, deadline) as (publisher, outcomes):
        assert outcomes == [CONFIRMED, UNKNOWN]
        assert time.monotonic() >= deadline
        assert not publisher.is_usable


MISSING = of_channel(METHODS.Channel.Close(404, "NOT_FOUND", 60, 40))
REFUSED = of_channel(METHODS.Channel.Close(403, "ACCESS_REFUSED", 60, 40))
STOPPED = of_connection(METHODS.Connection.Close(320, "CONNECTION_FORCED", 0, 0))


@pytest.mark.parametrize(
    ("end", "is_missing"),
    [(MISSING, True), (REFUSED, False), (STOPPED, False), (HANG_UP, False)],
    ids=["exchange missing", "refused", "stopped", "hung up"],
)
def test_a_channel_that_the_broker_ends_is_used_no_more(
    end: Sequence[Frame], *, is_missing: bool
) -> None:
    with published(lambda tag, sent: end if tag > 1 else acknowledged(tag, sent), 3) as (
        publisher,
        outcomes,
    ):
        assert outcomes == [CONFIRMED, UNKNOWN, UNKNOWN]
        assert not publisher.is_usable
        assert publisher.exchange_missing is is_missing
        assert publisher.publish("events", messages(1), in_time()) == {"m1": UNKNOWN}


def test_a_broker_that_refuses_the_login_is_told_from_one_that_is_away() -> None:
    refused = of_connection(METHODS.Connection.Close(403, "ACCESS_REFUSED", 0, 0))
    with (
        ScriptedBroker(replies={"Connection.StartOk": refused}) as broker,
        pytest.raises(BusLoginRefused, match="check the password in RABBITMQ_URL"),
    ):
        connected(broker)
    assert broker.gone.wait(10)


@pytest.mark.parametrize("step", ["Connection.Open", "Channel.Open", "Confirm.Select"])
def test_a_broker_that_hangs_up_while_it_is_connected_to_is_unavailable(step: str) -> None:
    with (
        ScriptedBroker(replies={step: HANG_UP}) as broker,
        pytest.raises(BusUnavailable, match=r"^No connection to the broker: \w+\.$"),
    ):
        connected(broker)


@pytest.mark.usefixtures("soon_closed")
@pytest.mark.parametrize("step", ["Connection.StartOk", "Channel.Open", "Confirm.Select"])
def test_a_silent_broker_is_left_at_the_deadline(step: str) -> None:
    with ScriptedBroker(replies={step: None}) as broker:
        deadline = time.monotonic() + SOON
        with pytest.raises(BusUnavailable, match="No connection to the broker: "):
            connected(broker, deadline)
        assert time.monotonic() >= deadline
        assert broker.gone.wait(10), "it hangs up"


@pytest.mark.usefixtures("soon_closed")
def test_that_a_broker_did_not_answer_in_time_is_told() -> None:
    with (
        ScriptedBroker(replies={"Channel.Open": None}) as broker,
        pytest.raises(BusUnavailable) as told,
    ):
        connected(broker, time.monotonic() + SOON)
    assert told.value.message == "No connection to the broker: no answer in time."


def test_a_port_where_nobody_listens_is_no_broker() -> None:
    with ScriptedBroker() as broker:
        pass
    with pytest.raises(BusUnavailable, match="No connection to the broker: AMQPConn"):
        connected(broker)


@pytest.mark.usefixtures("soon_closed")
def test_a_broker_that_does_not_answer_a_goodbye_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop = CoalescingConnection.drop

    def drop_and_wait_for_nothing_else(connection: CoalescingConnection) -> None:
        monkeypatch.setattr(module, "CLOSE_SECONDS", 3600.0)
        drop(connection)

    monkeypatch.setattr(CoalescingConnection, "drop", drop_and_wait_for_nothing_else)
    with ScriptedBroker(replies={"Connection.Close": None}) as broker:
        connected(broker).close()
        assert broker.gone.wait(10)
    assert broker.heard[-1] == "Connection.Close"
