"""The broker moves a message from queue to queue without losing it on the way."""

import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from carafe.development.servers.rabbitmq import RabbitServer
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    inbox_queue,
    parked_queue,
    retry_queue,
)
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id
from carafe.testing.processes import wait_until

REPEAT_MILLISECONDS = 500


class RepeatingRabbitServer(RabbitServer):
    """A broker that soon repeats the dead-lettering of a message; by default after 3 minutes."""

    def _arguments(self) -> list[str]:
        repeat = ["dead_letter_worker_publisher_confirm_timeout", str(REPEAT_MILLISECONDS)]
        return [*super()._arguments(), "-rabbit", *repeat]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    server = RepeatingRabbitServer(tmp_path_factory.mktemp("repeating"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bus(broker: RabbitServer, service: Container[Any]) -> Iterator[RabbitMQBus]:
    """The service's bus on that broker, with its queues."""
    bus = RabbitMQBus(broker.url, service.settings.service_name)
    bus.declare(service.service.subscribed)
    yield bus
    bus.close()


@pytest.fixture
def channel(broker: RabbitServer) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def require_arrival(channel: BlockingChannel, queue: str, body: bytes) -> None:
    """Wait until a message is in a queue, and take it."""
    wait_until(lambda: channel.basic_get(queue, auto_ack=True)[2] == body, 10)


def test_a_retry_outlives_a_missing_inbox(
    bus: RabbitMQBus, service: Container[Any], channel: BlockingChannel
) -> None:
    """Dead-lettering is at least once: what cannot be moved now stays, and is moved later."""
    inbox = inbox_queue(bus.service)
    channel.queue_delete(inbox)
    body = new_id().encode()
    soon = pika.BasicProperties(delivery_mode=2, expiration="100")  # type: ignore[no-untyped-call]
    channel.basic_publish("", retry_queue(bus.service, RETRY_DELAYS_SECONDS[0]), body, soon)
    time.sleep(1)
    bus.declare(service.service.subscribed)
    require_arrival(channel, inbox, body)


def test_what_the_inbox_gives_up_outlives_a_missing_parking_queue(
    bus: RabbitMQBus, service: Container[Any], channel: BlockingChannel
) -> None:
    """The same for a message that was delivered too often."""
    parked = parked_queue(bus.service)
    channel.queue_delete(parked)
    body = new_id().encode()
    persistent = pika.BasicProperties(delivery_mode=2)  # type: ignore[no-untyped-call]
    channel.basic_publish("", inbox_queue(bus.service), body, persistent)
    method, _, _ = channel.basic_get(inbox_queue(bus.service))
    assert method is not None
    channel.basic_reject(method.delivery_tag, requeue=False)
    time.sleep(1)
    bus.declare(service.service.subscribed)
    require_arrival(channel, parked, body)
