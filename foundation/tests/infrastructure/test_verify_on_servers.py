"""What `verify 05` finds on live servers."""

from collections.abc import Callable
from typing import Any

import pika
import pytest

from carafe.development.verify.infrastructure import bus_as_declared, database_as_declared
from carafe.development.verify.needs import Need, State, finding_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import inbox, unrouted
from chalicelib.domain.product import Product

Break = Callable[[Container[Any]], object]


def _dropped_queue(name: Callable[[str], str]) -> Break:
    def drop(service: Container[Any]) -> None:
        with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as broker:
            broker.channel().queue_delete(name(service.settings.service_name))

    return drop


def test_prepared_servers_lack_nothing(service: Container[Any]) -> None:
    assert service.settings.event_bus_type == "rabbitmq"
    assert database_as_declared() == []
    assert bus_as_declared() == []


def test_a_dropped_index_is_found(service: Container[Any]) -> None:
    service.repository(Product).collection.drop_index("sku_1")
    (told,) = database_as_declared()
    assert told.startswith("products: create the index sku_1")
    assert told.endswith("run `carafe database apply`")


def test_a_changed_validator_is_found(service: Container[Any]) -> None:
    service.database.command("collMod", "orders", validator={}, validationLevel="strict")
    (told,) = database_as_declared()
    assert told.startswith("orders: change the validator")


@pytest.mark.parametrize("name", [unrouted, inbox])
def test_a_missing_queue_is_found(service: Container[Any], name: Callable[[str], str]) -> None:
    _dropped_queue(name)(service)
    told = bus_as_declared()
    assert any(name(service.settings.service_name) in each for each in told)


def test_what_cannot_be_checked_is_missing() -> None:
    def fail() -> list[str]:
        raise OSError("no\nroute")

    finding = finding_of(Need("something", fail), offline=False)
    assert (finding.state, finding.missing) == (
        State.MISSING,
        ("cannot be checked: OSError: no route",),
    )


def test_offline_leaves_out_what_needs_servers() -> None:
    need = Need("live", lambda: ["x"], live=True)
    assert finding_of(need, offline=True).state is State.SKIPPED
    assert finding_of(need, offline=False).state is State.MISSING
