"""What orders make of the events of other services."""

import time
from typing import Any

import pytest
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Inbox
from carafe.testing.http import Api
from carafe.testing.inbound import a_delivery

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.settings import Settings
from tests.support.inbound import parcel_delivered, parcel_dispatched, payment_captured
from tests.support.orders import place_order


@pytest.fixture
def inbox(service: Container[Settings]) -> Inbox:
    """Where the events of other services come in."""
    del service  # in whose environment the functions run
    from app import functions  # noqa: PLC0415 - after the environment is set

    return functions.inbox()


@pytest.fixture
def order_id(http: Api) -> str:
    """An order that was just placed."""
    return place_order(http)


def arrive(inbox: Inbox, event: dict[str, Any]) -> int:
    """Let an event arrive, and return how many were handled."""
    return inbox.settle([a_delivery(event)], time.monotonic() + 20).handled


def test_an_order_follows_its_payment_and_its_parcel(
    service: Container[Settings], inbox: Inbox, order_id: str
) -> None:
    orders = service.repository(Order)
    assert arrive(inbox, payment_captured(order_id)) == 1
    assert orders.get(order_id).status is OrderStatus.PAID
    assert arrive(inbox, parcel_dispatched(order_id)) == 1
    assert orders.get(order_id).status is OrderStatus.SHIPPED
    assert arrive(inbox, parcel_delivered(order_id)) == 1
    order = orders.get(order_id)
    assert order.status is OrderStatus.DELIVERED
    assert order.payment_reference == f"payment-of-{order_id}"
    assert order.shipment is not None
    assert (order.shipment.carrier, order.shipment.tracking_code) == ("DHL", "JD01")


def test_a_parcel_that_is_faster_than_its_payment_waits(
    service: Container[Settings], inbox: Inbox, order_id: str
) -> None:
    assert arrive(inbox, parcel_dispatched(order_id)) == 0
    assert service.repository(Order).get(order_id).status is OrderStatus.PLACED
