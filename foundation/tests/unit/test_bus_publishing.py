"""What the bus publishes once more over connections that have died, and what it does not."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import Outcome
from carafe.infrastructure.event_bus.rabbitmq import LONGEST_IDLE_SECONDS
from tests.support.scripted_broker import (
    HANG_UP,
    METHODS,
    Frame,
    ScriptedBroker,
    Sent,
    acknowledged,
    of_channel,
)
from tests.support.scripted_bus import a_bus, connections, dying, messages, publish
from tests.support.seconds_clock import SecondsClock

pytestmark = pytest.mark.timeout(10)

CONFIRMED, UNKNOWN = Outcome.CONFIRMED, Outcome.UNKNOWN
MISSING = of_channel(METHODS.Channel.Close(404, "NOT_FOUND", 60, 40))


@pytest.fixture
def broker() -> Iterator[ScriptedBroker]:
    with ScriptedBroker() as broker:
        yield broker


@pytest.fixture
def clock() -> SecondsClock:
    return SecondsClock()


def ids(broker: ScriptedBroker) -> list[str | None]:
    return [each.properties.message_id for each in broker.sent]


def test_each_kind_of_message_has_an_exchange_of_its_own(broker: ScriptedBroker) -> None:
    with closing(a_bus(broker.url)) as bus:
        for method in (bus.publish, bus.publish_commands, bus.send):
            (message,) = messages("a")
            assert method([message], time.monotonic() + 10) == {"a": CONFIRMED}
    exchanges = [each.exchange for each in broker.sent]
    assert exchanges == ["lending.events", "lending.commands", "lending.inbox.aside"]
    assert connections(broker) == 1


@pytest.mark.parametrize(
    ("idle", "expected"), [(LONGEST_IDLE_SECONDS, 1), (LONGEST_IDLE_SECONDS + 0.1, 2)]
)
def test_a_connection_that_was_idle_for_long_is_replaced(
    broker: ScriptedBroker, clock: SecondsClock, idle: float, expected: int
) -> None:
    with closing(a_bus(broker.url, clock=clock)) as bus:
        publish(bus, "a")
        clock.now += idle
        publish(bus, "b")
        assert connections(broker) == expected
        clock.now += idle
        publish(bus, "c")
    assert connections(broker) == 2 * expected - 1


def test_over_a_connection_that_has_died_all_is_published_once_more() -> None:
    with ScriptedBroker(dying(None, HANG_UP)) as broker, closing(a_bus(broker.url)) as bus:
        assert publish(bus, "a") == [CONFIRMED]
        assert publish(bus, "b", "c") == [CONFIRMED, CONFIRMED]
        assert connections(broker) == 2
        assert publish(bus, "d") == [CONFIRMED]
    assert ids(broker) == ["a", "b", "b", "c", "d"]
    assert connections(broker) == 2


def test_what_has_its_confirm_is_not_published_again() -> None:
    with ScriptedBroker(dying(None, None, HANG_UP)) as broker, closing(a_bus(broker.url)) as bus:
        publish(bus, "a")
        assert publish(bus, "b", "c", "d") == [CONFIRMED] * 3
    assert ids(broker) == ["a", "b", "c", "c", "d"]


def test_a_new_connection_that_dies_is_not_replaced_at_once() -> None:
    with ScriptedBroker(dying(HANG_UP)) as broker, closing(a_bus(broker.url)) as bus:
        assert publish(bus, "a") == [UNKNOWN]
        assert connections(broker) == 1
        assert publish(bus, "a") == [CONFIRMED]
    assert connections(broker) == 2


def test_a_second_connection_that_dies_is_the_last_one() -> None:
    answer = dying(None, HANG_UP, HANG_UP)
    with ScriptedBroker(answer) as broker, closing(a_bus(broker.url)) as bus:
        publish(bus, "a")
        assert publish(bus, "b") == [UNKNOWN]
    assert connections(broker) == 2


def test_after_the_deadline_nothing_is_published_again() -> None:
    with ScriptedBroker(dying(None, [])) as broker, closing(a_bus(broker.url)) as bus:
        publish(bus, "a")
        assert bus.publish(messages("b"), time.monotonic() + 0.2) == {"b": UNKNOWN}
    assert connections(broker) == 1
    assert ids(broker) == ["a", "b"]


@pytest.mark.parametrize("is_one_confirmed", [True, False])
def test_where_no_second_connection_is_made_a_confirm_still_counts(
    caplog: pytest.LogCaptureFixture, *, is_one_confirmed: bool
) -> None:
    def answer(tag: int, sent: Sent) -> Sequence[Frame]:
        if sent.properties.message_id in {"a", "b"}:
            return acknowledged(tag, sent)
        dying_broker.close()
        return HANG_UP

    with ScriptedBroker(answer) as dying_broker, closing(a_bus(dying_broker.url)) as bus:
        publish(bus, "a")
        if is_one_confirmed:
            assert publish(bus, "b", "c", "d") == [CONFIRMED, UNKNOWN, UNKNOWN]
            (record,) = caplog.records
            assert record.getMessage().startswith("2 messages have no answer: No connection")
            return
        with pytest.raises(BusUnavailable):
            publish(bus, "c", "d")


def test_an_exchange_that_is_missing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedBroker(lambda *_: MISSING) as broker, closing(a_bus(broker.url)) as bus:
        deadline = time.monotonic() + 10
        assert bus.publish(messages("a"), deadline) == {"a": UNKNOWN}
        assert caplog.messages == []
        assert bus.publish_commands(messages("a"), deadline) == {"a": UNKNOWN}
        missing = (
            "The exchange lending.commands does not exist; create it with `carafe bus declare`."
        )
        assert caplog.messages == [f"commands wait: {missing}"]
        with pytest.raises(BusUnavailable) as told:
            bus.send(messages("a"), deadline)
    assert told.value.message == (
        "The exchange lending.inbox.aside does not exist; create it with `carafe bus declare`."
    )


@pytest.mark.parametrize("method", ["publish_commands", "send"])
def test_what_has_another_reason_is_not_blamed_on_the_exchange(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedBroker(lambda *_: HANG_UP) as broker, closing(a_bus(broker.url)) as bus:
        assert getattr(bus, method)(messages("a"), time.monotonic() + 10) == {"a": UNKNOWN}
    assert caplog.messages == []
