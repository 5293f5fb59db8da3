"""A wired service makes what is asked for, once, and opens nothing that is not."""

from contextlib import closing
from typing import Any

import pytest
from msgspec import structs
from pymongo import ReadPreference

from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import new_id
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order
from chalicelib.domain.payments import Captured, PaymentGateway
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from tests.support.database import recorded_commands
from tests.support.orders import an_order
from tests.support.products import euros


@schema(collection="strangers")
class Stranger(AggregateRoot):
    """An aggregate that the service does not declare."""


class StrangePort:
    """A port that the service does not declare."""


def test_a_repository_is_made_once_and_keeps_its_aggregate(service: Container[Any]) -> None:
    orders = service.repository(Order)
    assert type(orders) is OrderRepository
    assert service.repository(Order) is orders
    declared = service.service.repositories
    assert service.repositories == [service.repository(each) for each in declared]
    order = an_order()
    orders.add(order, a_context())
    assert service.repository(Order).get(order.id).id == order.id


def test_an_adapter_is_made_once_and_fills_its_port(
    service: Container[Any],
) -> None:
    payments = service.adapter(PaymentGateway)
    assert service.adapter(PaymentGateway) is payments
    order_id = new_id()
    asked = [
        payments.charge(
            order_id=order_id, amount=euros("12.50"), payment_method="card", key="first"
        )
        for _ in range(2)
    ]
    assert isinstance(asked[0], Captured)
    assert len(set(asked)) == 1


def test_what_is_not_declared_is_not_made_up(service: Container[Any]) -> None:
    with pytest.raises(KeyError):
        service.repository(Stranger)
    with pytest.raises(KeyError):
        service.adapter(StrangePort)


def test_a_second_container_shares_nothing_with_the_first(service: Container[Any]) -> None:
    second = Container(service.service, service.settings)
    assert second.repository(Order) is not service.repository(Order)
    assert second.database == service.database
    second.close()
    assert service.repository(Order).find().items == []


def test_closing_opens_nothing(service: Container[Any]) -> None:
    second = Container(service.service, service.settings)
    second.close()
    assert vars(second).keys().isdisjoint({"database", "bus"})


def at(service: Container[Any], options: str) -> Container[Any]:
    """Return the same service, with further options in the address of its database."""
    uri = f"{service.settings.mongo_uri}&{options}"
    return Container(service.service, structs.replace(service.settings, mongo_uri=uri))


@pytest.mark.parametrize(
    "options",
    [
        "readPreference=secondaryPreferred",
        "readPreference=nearest&readPreferenceTags=dc:east&maxStalenessSeconds=120",
    ],
)
def test_whatever_the_address_says_all_is_read_from_the_primary(
    service: Container[Any], options: str
) -> None:
    with closing(at(service, options)) as container:
        assert container.database.read_preference == ReadPreference.PRIMARY
        # A transaction takes the client's.
        assert container.database.client.read_preference == ReadPreference.PRIMARY
        assert not container.repository(Order).exists("nobody's")


@pytest.mark.parametrize(
    ("options", "retried"), [("appName=x", True), ("retryWrites=false", False)]
)
def test_the_address_decides_whether_the_driver_retries_writes(
    service: Container[Any],
    options: str,
    retried: bool,
) -> None:
    """Amazon DocumentDB before 8.0.2 refuses writes that may be retried."""
    with closing(at(service, options)) as container:
        assert container.database.client.options.retry_writes == retried
        with recorded_commands(container) as database:
            container.repository(Order).add(an_order(), a_context())
        (insert,) = [each for each in database.commands if "insert" in each]
        assert ("txnNumber" in insert) == retried
