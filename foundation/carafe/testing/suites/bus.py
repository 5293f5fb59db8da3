"""The contract of every event bus."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.names import unrouted_queue
from carafe.infrastructure.event_bus.port import (
    EventBus,
    Message,
    Outcome,
    ReceivedMessage,
    Subscription,
)
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id

SIGHTED = "weather.storm.sighted"
PASSED = "weather.storm.passed"
RISEN = "weather.tide.risen"

TIMEOUT_SECONDS = 5


def a_message(routing_key: str = SIGHTED, body: bytes = b"{}") -> Message:
    """Return a new message."""
    return Message(id=new_id(), type=f"{routing_key}.v1", routing_key=routing_key, body=body)


def soon() -> float:
    """Return a deadline that every working bus meets."""
    return time.monotonic() + 10


def receive_messages(subscription: Subscription, count: int) -> list[ReceivedMessage]:
    """Receive and settle up to `count` messages, fewer if no more arrive in time."""
    messages: list[ReceivedMessage] = []
    while len(messages) < count:
        message = subscription.receive(TIMEOUT_SECONDS)
        if message is None:
            break
        subscription.settle(message)
        messages.append(message)
    return messages


class BusTests:
    """Tests of a bus that a subclass supplies as the fixture `bus`."""

    @pytest.fixture
    def bus(self) -> EventBus:
        """An empty bus. Override it."""
        raise NotImplementedError("a fixture `bus` must return the bus")

    def unrouted(self, bus: EventBus) -> list[str]:
        """Return the ids of the messages that no queue accepted. Override it."""
        raise NotImplementedError(
            "unrouted() must return the ids of the messages that no queue accepted"
        )

    def test_a_message_arrives_as_it_was_published(self, bus: EventBus) -> None:
        message = a_message(body='{"city": "Köln"}'.encode())
        with bus.subscribe([SIGHTED]) as subscription:
            assert bus.publish([message], soon()) == {message.id: Outcome.CONFIRMED}
            (arrived,) = receive_messages(subscription, 1)
        expected = (message.id, SIGHTED, message.body)
        assert (arrived.id, arrived.routing_key, arrived.body) == expected

    def test_messages_published_one_after_the_other_arrive_in_that_order(
        self, bus: EventBus
    ) -> None:
        messages = [a_message() for _ in range(50)]
        with bus.subscribe(["#"]) as subscription:
            for message in messages:
                bus.publish([message], soon())
            arrived = [each.id for each in receive_messages(subscription, 50)]
        assert arrived == [each.id for each in messages]

    def test_every_message_of_a_wave_has_its_outcome(self, bus: EventBus) -> None:
        messages = [a_message() for _ in range(1_000)]
        with bus.subscribe(["#"]) as subscription:
            outcomes = bus.publish(messages, soon())
            assert outcomes == {each.id: Outcome.CONFIRMED for each in messages}
            assert {each.id for each in receive_messages(subscription, 1_000)} == outcomes.keys()

    @pytest.mark.parametrize(
        ("pattern", "matching"),
        [
            (SIGHTED, {SIGHTED}),
            ("weather.storm.*", {SIGHTED, PASSED}),
            ("weather.#", {SIGHTED, PASSED, RISEN}),
            ("#.passed", {PASSED}),
            ("*.*.passed", {PASSED}),
            ("*.passed", set()),
            ("#", {SIGHTED, PASSED, RISEN}),
            ("weather.#.sighted", {SIGHTED}),
            ("weather.storm.sighted.#", {SIGHTED}),
        ],
    )
    def test_patterns_choose_by_routing_key(
        self, bus: EventBus, pattern: str, matching: set[str]
    ) -> None:
        messages = [a_message(key) for key in (SIGHTED, PASSED, RISEN)]
        with bus.subscribe([pattern]) as subscription, bus.subscribe(["#"]) as everything:
            bus.publish(messages, soon())
            assert len(receive_messages(everything, 3)) == 3
            arrived = {each.routing_key for each in receive_messages(subscription, len(matching))}
            assert arrived == matching
            assert subscription.receive(0.05) is None

    def test_each_subscription_gets_its_own_copy_once(self, bus: EventBus) -> None:
        message = a_message()
        with bus.subscribe(["#", SIGHTED]) as one, bus.subscribe([SIGHTED]) as other:
            bus.publish([message], soon())
            assert [each.id for each in receive_messages(one, 1)] == [message.id]
            assert [each.id for each in receive_messages(other, 1)] == [message.id]
            assert one.receive(0.05) is None

    def test_a_named_queue_keeps_what_comes_meanwhile(self, bus: EventBus) -> None:
        name = f"harbour-{new_id()}"
        with bus.subscribe([SIGHTED], queue=name):
            pass
        message = a_message()
        bus.publish([message], soon())
        with bus.subscribe([SIGHTED], queue=name) as subscription:
            assert [each.id for each in receive_messages(subscription, 1)] == [message.id]

    def test_what_was_not_settled_comes_again(self, bus: EventBus) -> None:
        name = f"harbour-{new_id()}"
        message = a_message()
        with bus.subscribe([SIGHTED], queue=name) as subscription:
            bus.publish([message], soon())
            first = subscription.receive(TIMEOUT_SECONDS)
            assert first is not None
        with bus.subscribe([SIGHTED], queue=name) as subscription:
            assert [each.id for each in receive_messages(subscription, 1)] == [message.id]
            assert subscription.receive(0.05) is None

    def test_a_message_that_nobody_wants_is_confirmed_and_kept(self, bus: EventBus) -> None:
        message = a_message("weather.storm.unheard_of")
        assert bus.publish([message], soon()) == {message.id: Outcome.CONFIRMED}
        assert self.unrouted(bus) == [message.id]


class MemoryBusTests(BusTests):
    """The bus in memory."""

    @pytest.fixture
    def bus(self) -> Iterator[EventBus]:
        """A new bus."""
        bus = MemoryBus()
        yield bus
        bus.close()

    def unrouted(self, bus: EventBus) -> list[str]:
        assert isinstance(bus, MemoryBus)
        return [each.id for each in bus.unrouted]


class RabbitMQBusTests(BusTests):
    """The bus on RabbitMQ."""

    @pytest.fixture
    def bus(self, service: Container[Any]) -> EventBus:
        """The bus of the service."""
        return service.bus

    def unrouted(self, bus: EventBus) -> list[str]:
        assert isinstance(bus, RabbitMQBus)
        with bus.subscribe([], queue=unrouted_queue(bus.service)) as subscription:
            return [each.id for each in receive_messages(subscription, 1)]
