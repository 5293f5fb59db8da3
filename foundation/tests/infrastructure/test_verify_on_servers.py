"""What `verify 05` finds on live servers."""

from collections.abc import Callable
from typing import Any

import pika
import pytest

from carafe.development.verify.infrastructure import bus_differences, database_differences
from carafe.development.verify.needs import Need, State, check_need
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import inbox_queue, unrouted_queue
from chalicelib.domain.product import Product

Break = Callable[[Container[Any]], object]


def _dropped_queue(name: Callable[[str], str]) -> Break:
    def drop(service: Container[Any]) -> None:
        with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as broker:
            broker.channel().queue_delete(name(service.settings.service_name))

    return drop


def test_prepared_servers_lack_nothing(service: Container[Any]) -> None:
    assert service.settings.event_bus_type == "rabbitmq"
    assert database_differences() == []
    assert bus_differences() == []


def test_a_dropped_index_is_found(service: Container[Any]) -> None:
    service.repository(Product).collection.drop_index("sku_1")
    (message,) = database_differences()
    assert message.startswith("products: create the index sku_1")
    assert message.endswith("run `carafe database apply`")


def test_a_changed_validator_is_found(service: Container[Any]) -> None:
    service.database.command("collMod", "orders", validator={}, validationLevel="strict")
    (message,) = database_differences()
    assert message.startswith("orders: change the validator")


@pytest.mark.parametrize("name", [unrouted_queue, inbox_queue])
def test_a_missing_queue_is_found(service: Container[Any], name: Callable[[str], str]) -> None:
    _dropped_queue(name)(service)
    messages = bus_differences()
    assert any(name(service.settings.service_name) in each for each in messages)


def test_what_cannot_be_checked_is_missing() -> None:
    def fail() -> list[str]:
        raise OSError("no\nroute")

    finding = check_need(Need("something", fail), offline=False)
    assert (finding.state, finding.missing) == (
        State.MISSING,
        ("cannot be checked: OSError: no route",),
    )


def test_offline_leaves_out_what_needs_servers() -> None:
    need = Need("live", lambda: ["x"], live=True)
    assert check_need(need, offline=True).state is State.SKIPPED
    assert check_need(need, offline=False).state is State.MISSING
