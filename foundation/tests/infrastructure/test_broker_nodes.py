"""RABBITMQ_URL may name several nodes of a broker: each is tried while the others do not answer."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from tests.support.silent_proxy import SilentProxy

LOGIN = "amqp://guest:guest@"


@pytest.fixture
def frozen() -> Iterator[str]:
    """A host that takes connections and says nothing, as a node that was stopped."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def dead() -> str:
    """A host on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def living(stack: Stack) -> str:
    """Return the host of the broker."""
    return stack.environment["RABBITMQ_URL"].rpartition("@")[2]


def an_event(number: int) -> Message:
    """Return an event that no queue wants."""
    return Message(f"event-{number}", "lending.loan.opened.v1", "lending.loan.opened", b"{}")


def publish(bus: RabbitMQBus, number: int, seconds: float = 20) -> Outcome:
    """Publish an event, and return what became of it."""
    event = an_event(number)
    return bus.publish([event], time.monotonic() + seconds)[event.id]


def test_events_go_to_the_node_that_answers(
    stack: Stack, service: Container[Any], dead: str, frozen: str
) -> None:
    name = service.settings.service_name
    bus = RabbitMQBus(f"{LOGIN}{dead},{frozen},{living(stack)}", name)
    try:
        assert publish(bus, 1) is Outcome.CONFIRMED
        with bus.subscribe(["lending.#"]) as subscription:
            assert publish(bus, 2) is Outcome.CONFIRMED
            received = subscription.receive(10)
        assert received is not None
    finally:
        bus.close()


def test_a_node_that_falls_silent_is_left_for_another(
    stack: Stack, service: Container[Any]
) -> None:
    name = service.settings.service_name
    port = int(living(stack).partition("/")[0].rpartition(":")[2])
    with SilentProxy(port) as proxy:
        bus = RabbitMQBus(f"{LOGIN}127.0.0.1:{proxy.port},{living(stack)}", name)
        try:
            assert publish(bus, 1) is Outcome.CONFIRMED
            proxy.close()
            outcomes = [publish(bus, number) for number in (2, 3)]
        finally:
            bus.close()
    assert outcomes[-1] is Outcome.CONFIRMED


def test_without_any_node_that_answers_the_bus_is_unavailable(dead: str) -> None:
    bus = RabbitMQBus(f"{LOGIN}{dead},{dead}", "lending")
    with pytest.raises(BusUnavailable):
        publish(bus, 1, seconds=3)
