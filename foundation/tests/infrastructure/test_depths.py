"""The sweep tells what waits in the broker's queues, and whether anybody takes from the inbox."""

import time
from typing import Any

import pytest
from chalice.test import Client

from carafe.contracts.addresses import with_login
from carafe.development.lambda_events import schedule_event
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue, unrouted_queue
from carafe.infrastructure.event_bus.port import QueueDepth
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.testing.inbound import Broker

DEPTHS = {"inbox_messages", "inbox_parked", "unrouted_messages", "inbox_consumers"}

pytestmark = pytest.mark.usefixtures("with_time_left")


def soon() -> float:
    return time.monotonic() + 10


def swept(api: Client, caplog: pytest.LogCaptureFixture) -> dict[str, float]:
    """Sweep, and return the depths that it reports."""
    with caplog.at_level("INFO"):
        api.lambda_.invoke("sweep", schedule_event("sweep"))
    return {
        name: value
        for record in caplog.records
        for name, value in vars(record).items()
        if name in DEPTHS
    }


def test_the_sweep_reports_what_waits(
    api: Client, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    counts = {inbox_queue: 3, parked_queue: 2, unrouted_queue: 1}
    for name_of, count in counts.items():
        for _ in range(count):
            broker.put(name_of(broker.name), b"{}")
        broker.wait_for(count, name_of(broker.name))
    assert swept(api, caplog) == {
        "inbox_messages": 3,
        "inbox_parked": 2,
        "unrouted_messages": 1,
        "inbox_consumers": 0,
    }


def test_a_consumer_counts(service: Container[Any], broker: Broker) -> None:
    with connect(parameters_of(service.settings.rabbitmq_url)) as connection:
        channel = connection.channel()
        channel.basic_consume(inbox_queue(broker.name), lambda *_: None)
        depth = service.bus.depths(soon())[inbox_queue(broker.name)]
    assert depth == QueueDepth(messages=0, consumers=1)


def test_of_a_queue_that_does_not_exist_nothing_is_reported(
    api: Client, service: Container[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """So that its alarm, which counts missing values as too high, fires."""
    name = service.settings.service_name
    with connect(parameters_of(service.settings.rabbitmq_url)) as connection:
        connection.channel().queue_delete(parked_queue(name))
    assert swept(api, caplog).keys() == DEPTHS - {"inbox_parked"}
    assert f"the queue {parked_queue(name)} does not exist" in caplog.text


def test_without_a_broker_the_sweep_goes_on(
    api: Client,
    service: Container[Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "bus", RabbitMQBus("amqp://u:p@127.0.0.1:1/%2F", "away"))
    assert swept(api, caplog) == {}
    assert "the broker's queues are not measured" in caplog.text
    assert any(hasattr(each, "pending_age_seconds") for each in caplog.records)


def test_a_changed_password_is_read_anew(service: Container[Any]) -> None:
    url = service.settings.rabbitmq_url
    bus = RabbitMQBus(
        with_login(url, "guest", "before"), service.settings.service_name, renewed_url=lambda: url
    )
    assert inbox_queue(service.settings.service_name) in bus.depths(soon())


def test_the_time_limit_holds(service: Container[Any]) -> None:
    bus = RabbitMQBus("amqp://u:p@10.255.255.1/%2F", service.settings.service_name)
    begin = time.monotonic()
    with pytest.raises(BusUnavailable):
        bus.depths(begin + 0.3)
    assert time.monotonic() - begin < 2


def test_in_memory_there_is_nothing_to_measure() -> None:
    assert MemoryBus().depths(soon()) == {}
