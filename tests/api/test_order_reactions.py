"""What orders make of the events of other services."""

import time
from typing import Any

import pytest
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Inbox
from carafe.testing.http import Api
from carafe.testing.inbound import a_delivery, an_event

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.settings import Settings
from tests.support.orders import a_placed_order

CAPTURED = "payments.payment.captured.v1"
DISPATCHED = "shipping.parcel.dispatched.v1"
DELIVERED = "shipping.parcel.delivered.v1"


@pytest.fixture
def inbox(service: Container[Settings]) -> Inbox:
    """Where the events of other services come in."""
    del service  # in whose environment the functions run
    from app import functions  # noqa: PLC0415 - after the environment is set

    return functions.inbox()


@pytest.fixture
def order_id(http: Api) -> str:
    """An order that was just placed."""
    return a_placed_order(http)


def arrive(inbox: Inbox, wire_type: str, **data: Any) -> int:  # noqa: ANN401 - any JSON
    """Let an event arrive, and return how many were handled."""
    event = an_event(wire_type, subject="s-1", data=data)
    return inbox.settle([a_delivery(event)], time.monotonic() + 20).handled


def test_an_order_follows_its_payment_and_its_parcel(
    service: Container[Settings], inbox: Inbox, order_id: str
) -> None:
    orders = service.repository(Order)
    assert arrive(inbox, CAPTURED, order_id=order_id, payment_reference="payment-1") == 1
    assert orders.get(order_id).status is OrderStatus.PAID
    parcel = {"carrier": "DHL", "tracking_code": "JD01"}
    assert arrive(inbox, DISPATCHED, order_id=order_id, **parcel) == 1
    assert orders.get(order_id).status is OrderStatus.SHIPPED
    assert arrive(inbox, DELIVERED, order_id=order_id) == 1
    order = orders.get(order_id)
    assert (order.status, order.payment_reference) == (OrderStatus.DELIVERED, "payment-1")
    assert order.shipment is not None
    assert (order.shipment.carrier, order.shipment.tracking_code) == ("DHL", "JD01")


def test_a_parcel_that_is_faster_than_its_payment_waits(
    service: Container[Settings], inbox: Inbox, order_id: str
) -> None:
    parcel = {"carrier": "DHL", "tracking_code": "JD01"}
    assert arrive(inbox, DISPATCHED, order_id=order_id, **parcel) == 0
    assert service.repository(Order).get(order_id).status is OrderStatus.PLACED
