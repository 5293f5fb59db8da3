"""What orders make of the events of other services."""

import time
from datetime import timedelta
from typing import Any

import pytest
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Inbox
from carafe.testing.http import Api
from carafe.testing.inbound import a_delivery
from carafe.testing.timers import Timers

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.order_payment import RefundDue
from chalicelib.infrastructure.settings import Settings
from tests.support.inbound import parcel_delivered, parcel_dispatched, payment_captured
from tests.support.paying import ATTEMPTS, CurrentOrder, cancel, pay
from tests.support.payments import Payments


@pytest.fixture
def inbox(service: Container[Settings]) -> Inbox:
    """Where the events of other services come in."""
    del service  # in whose environment the functions run
    from app import functions  # noqa: PLC0415 - after the environment is set

    return functions.inbox()


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


def test_the_event_of_an_open_attempts_payment_pays_the_order_once(
    http: Api, inbox: Inbox, payments: Payments, order_id: str, order: CurrentOrder, timers: Timers
) -> None:
    payments.fail("garbage", ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    (charge,) = payments.listed("charges", order_id)
    data = {"order_id": order_id, "payment_reference": charge["id"]}
    assert arrive(inbox, payment_captured(order_id, data=data)) == 1
    assert order().status is OrderStatus.PAID
    timers.let_pass(timedelta(minutes=1))
    payments.reconcile(order())
    assert pay(http, order_id).status == 200


def test_money_that_comes_beside_an_attempt_is_kept_once(
    http: Api, inbox: Inbox, payments: Payments, order_id: str, order: CurrentOrder, timers: Timers
) -> None:
    payments.fail("garbage", ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    assert arrive(inbox, payment_captured(order_id)) == 1
    timers.let_pass(timedelta(minutes=2))
    assert order().payment_reference == f"payment-of-{order_id}"
    charges, refunds = (payments.listed(each, order_id) for each in ("charges", "refunds"))
    assert [each["id"] for each in charges] == [each["charge"] for each in refunds]
    assert order().owed_refunds == ()


def test_money_for_a_cancelled_order_that_cannot_be_given_back_needs_a_person(
    http: Api, inbox: Inbox, order_id: str, order: CurrentOrder, timers: Timers
) -> None:
    cancel(http, order_id)
    assert arrive(inbox, payment_captured(order_id)) == 1
    timers.let_pass(timedelta(hours=1))
    timer = order().timer(RefundDue)
    assert timer is not None
    assert timer.parking is not None
    assert timer.parking.code == "refund_refused"


def test_a_parcel_that_is_faster_than_its_payment_waits(
    service: Container[Settings], inbox: Inbox, order_id: str
) -> None:
    assert arrive(inbox, parcel_dispatched(order_id)) == 0
    assert service.repository(Order).get(order_id).status is OrderStatus.PLACED
