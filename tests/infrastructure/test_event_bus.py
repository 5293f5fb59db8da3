"""What every event bus promises, held by each of them."""

import time
from collections.abc import Callable

import pytest

from chalicelib.infrastructure.cqrs.buses.memory import MemoryBus
from chalicelib.infrastructure.cqrs.buses.names import unrouted
from chalicelib.infrastructure.cqrs.buses.port import (
    EventBus,
    Message,
    Outcome,
    Received,
    Subscription,
)
from chalicelib.infrastructure.cqrs.buses.rabbitmq import RabbitMQBus
from chalicelib.infrastructure.identifiers import new_id

PLACED = "ordering.order.placed"
PAID = "ordering.order.paid"


def a_message(routing_key: str = PLACED, body: bytes = b"{}") -> Message:
    return Message(id=new_id(), type=f"{routing_key}.v1", routing_key=routing_key, body=body)


def soon() -> float:
    return time.monotonic() + 10


def received(subscription: Subscription, count: int) -> list[Received]:
    """Take and settle messages until as many came as expected, or none comes any more."""
    taken: list[Received] = []
    while len(taken) < count:
        message = subscription.receive(10)
        if message is None:
            break
        subscription.settle(message)
        taken.append(message)
    return taken


def test_a_message_arrives_as_it_was_published(bus: EventBus) -> None:
    message = a_message(body='{"city": "Köln"}'.encode())
    with bus.subscribe([PLACED]) as subscription:
        assert bus.publish([message], soon()) == {message.id: Outcome.CONFIRMED}
        (arrived,) = received(subscription, 1)
    assert (arrived.id, arrived.routing_key, arrived.body) == (message.id, PLACED, message.body)


def test_messages_published_one_after_the_other_arrive_in_that_order(bus: EventBus) -> None:
    messages = [a_message() for _ in range(50)]
    with bus.subscribe(["#"]) as subscription:
        for message in messages:
            bus.publish([message], soon())
        assert [each.id for each in received(subscription, 50)] == [each.id for each in messages]


def test_every_message_of_a_wave_has_its_outcome(bus: EventBus) -> None:
    messages = [a_message() for _ in range(1_000)]
    with bus.subscribe(["#"]) as subscription:
        outcomes = bus.publish(messages, soon())
        assert outcomes == {each.id: Outcome.CONFIRMED for each in messages}
        assert {each.id for each in received(subscription, 1_000)} == outcomes.keys()


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        (PLACED, {PLACED}),
        ("ordering.order.*", {PLACED, PAID}),
        ("ordering.#", {PLACED, PAID, "ordering.product.registered"}),
        ("#.paid", {PAID}),
        ("*.*.paid", {PAID}),
        ("*.paid", set()),
        ("#", {PLACED, PAID, "ordering.product.registered"}),
        ("ordering.#.placed", {PLACED}),
        ("ordering.order.placed.#", {PLACED}),
    ],
)
def test_patterns_choose_by_routing_key(bus: EventBus, pattern: str, matching: set[str]) -> None:
    messages = [a_message(key) for key in (PLACED, PAID, "ordering.product.registered")]
    with bus.subscribe([pattern]) as subscription, bus.subscribe(["#"]) as everything:
        bus.publish(messages, soon())
        assert len(received(everything, 3)) == 3
        assert {each.routing_key for each in received(subscription, len(matching))} == matching
        assert subscription.receive(0.05) is None


def test_each_subscription_gets_its_own_copy_once(bus: EventBus) -> None:
    message = a_message()
    with bus.subscribe(["#", PLACED]) as one, bus.subscribe([PLACED]) as other:
        bus.publish([message], soon())
        assert [each.id for each in received(one, 1)] == [message.id]
        assert [each.id for each in received(other, 1)] == [message.id]
        assert one.receive(0.05) is None


def test_a_named_queue_keeps_what_comes_meanwhile(bus: EventBus) -> None:
    name = f"shipping-{new_id()}"
    with bus.subscribe([PLACED], queue=name):
        pass
    message = a_message()
    bus.publish([message], soon())
    with bus.subscribe([PLACED], queue=name) as subscription:
        assert [each.id for each in received(subscription, 1)] == [message.id]


def test_what_was_not_settled_comes_again(bus: EventBus) -> None:
    name = f"shipping-{new_id()}"
    message = a_message()
    with bus.subscribe([PLACED], queue=name) as subscription:
        bus.publish([message], soon())
        first = subscription.receive(10)
        assert first is not None
    with bus.subscribe([PLACED], queue=name) as subscription:
        assert [each.id for each in received(subscription, 1)] == [message.id]
        assert subscription.receive(0.05) is None


def test_a_message_that_nobody_wants_is_confirmed_and_kept(bus: EventBus) -> None:
    message = a_message("ordering.order.unheard_of")
    assert bus.publish([message], soon()) == {message.id: Outcome.CONFIRMED}
    assert kept_unrouted(bus)() == [message.id]


def kept_unrouted(bus: EventBus) -> Callable[[], list[str]]:
    """Return a way to look at what no queue wanted."""
    if isinstance(bus, MemoryBus):
        memory = bus
        return lambda: [each.id for each in memory.unrouted]

    assert isinstance(bus, RabbitMQBus)
    broker = bus

    def look() -> list[str]:
        with broker.subscribe([], queue=unrouted(broker.service)) as subscription:
            return [each.id for each in received(subscription, 1)]

    return look
