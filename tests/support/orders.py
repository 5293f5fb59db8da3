"""Orders and what they consist of, ready made."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import randbelow

from carafe.infrastructure.identifiers import new_id
from carafe.testing.examples import AN_ADDRESS, NOON, an_address
from carafe.testing.http import Api

from chalicelib.domain.order import Order, Shipment
from chalicelib.domain.order_line import OrderLine
from tests.support.callers import CUSTOMER
from tests.support.products import euros, register_product

A_SHIPMENT = Shipment(carrier="DHL", tracking_code="JD01")


def a_line(quantity: int = 1, price: str = "10.00") -> OrderLine:
    """Return a line for some product."""
    return OrderLine(
        product_id=new_id(), name="Carafe, 1 l", quantity=quantity, unit_price=euros(price)
    )


def an_order(
    customer_id: str = "maria", *, lines: int = 1, city: str = "Leipzig", at: datetime = NOON
) -> Order:
    """Return an order that was just placed."""
    return Order.place(
        order_id=new_id(),
        customer_id=customer_id,
        lines=tuple(a_line() for _ in range(lines)),
        shipping_address=an_address(city=city),
        at=at,
    )


def another_order() -> Order:
    """Return an order by one of many customers, at one of a few moments."""
    return an_order(f"customer-{randbelow(1_000_000)}", at=NOON + timedelta(hours=randbelow(3)))


def an_order_being_paid(key: str = "attempt-1") -> Order:
    """Return an order with an open attempt to pay it."""
    order = an_order()
    order.begin_payment(key, at=NOON)
    return order


def a_paid_order(customer_id: str = "maria", *, lines: int = 1) -> Order:
    """Return an order that awaits its shipment."""
    order = an_order(customer_id, lines=lines)
    order.pay("payment-1", at=NOON)
    return order


def a_shipped_order() -> Order:
    """Return an order that is on its way."""
    order = a_paid_order()
    order.ship(A_SHIPMENT, at=NOON)
    return order


def a_delivered_order() -> Order:
    """Return an order that has arrived."""
    order = a_shipped_order()
    order.deliver(at=NOON)
    return order


def a_cancelled_order() -> Order:
    """Return an order that was cancelled before it was paid."""
    order = an_order()
    order.cancel("changed my mind", at=NOON)
    return order


def a_refundable_order() -> Order:
    """Return an order that was cancelled after it was paid: the money is owed back."""
    order = a_paid_order()
    order.cancel("changed my mind", at=NOON)
    return order


def a_refunded_order() -> Order:
    """Return an order whose money was given back."""
    order = a_refundable_order()
    order.note_refunds(["payment-1"], at=NOON)
    return order


def orders_in_every_status() -> Sequence[Order]:
    """Return orders that have and lack each of the optional attributes."""
    return [
        an_order(lines=3),
        an_order_being_paid(),
        a_paid_order(),
        a_shipped_order(),
        a_delivered_order(),
        a_cancelled_order(),
        a_refundable_order(),
        a_refunded_order(),
    ]


def place_order(http: Api, product_id: str | None = None, quantity: int = 2) -> str:
    """Place an order through the API, and return its id."""
    line = {"product_id": product_id or register_product(http), "quantity": quantity}
    answer = http.post("/orders", {"lines": [line], "shipping_address": AN_ADDRESS}, CUSTOMER)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])
