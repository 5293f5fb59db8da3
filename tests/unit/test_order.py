"""The rules of an order's life."""

from collections.abc import Callable

import pytest
from carafe.domain.errors import InvalidValue, RuleBroken
from carafe.domain.money import Money
from carafe.testing.examples import NOON, an_address

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.order_events import OrderCancelled, OrderPlaced
from chalicelib.domain.order_line import OrderLine
from tests.support.orders import (
    A_SHIPMENT,
    a_cancelled_order,
    a_delivered_order,
    a_line,
    a_paid_order,
    a_refundable_order,
    a_shipped_order,
    an_order,
)
from tests.support.products import euros

ORDERS: dict[str, Callable[[], Order]] = {
    "placed": an_order,
    "paid": a_paid_order,
    "shipped": a_shipped_order,
    "delivered": a_delivered_order,
    "cancelled": a_cancelled_order,
}
CHANGES: dict[str, Callable[[Order], None]] = {
    "pay": lambda order: order.pay("payment-1", at=NOON),
    "ship": lambda order: order.ship(A_SHIPMENT, at=NOON),
    "deliver": lambda order: order.deliver(at=NOON),
    "cancel": lambda order: order.cancel("no longer needed", at=NOON),
    "readdress": lambda order: order.change_shipping_address(an_address(), at=NOON),
}
ALLOWED = {
    ("placed", "pay"): "paid",
    ("placed", "cancel"): "cancelled",
    ("placed", "readdress"): "placed",
    ("paid", "ship"): "shipped",
    ("paid", "cancel"): "cancelled",
    ("paid", "readdress"): "paid",
    ("shipped", "deliver"): "delivered",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("status", ORDERS)
def test_an_order_moves_only_along_its_statuses(status: str, change: str) -> None:
    order = ORDERS[status]()
    events = len(order.recorded)
    if (status, change) in ALLOWED:
        CHANGES[change](order)
        assert order.status.value == ALLOWED[status, change]
        assert len(order.recorded) == events + 1
    else:
        with pytest.raises(RuleBroken, match=f"this order is {status}"):
            CHANGES[change](order)
        assert order.status.value == status
        assert len(order.recorded) == events


def test_placing_records_what_was_ordered() -> None:
    order = an_order(lines=2)
    (event,) = order.recorded
    assert isinstance(event, OrderPlaced)
    assert event.total == euros("20.00")
    assert event.lines == order.lines


def test_a_cancelled_order_names_the_payment_to_give_back() -> None:
    event = a_refundable_order().recorded[-1]
    assert isinstance(event, OrderCancelled)
    assert event.payment_reference == "payment-1"


def test_an_order_is_in_one_currency() -> None:
    dollars = OrderLine(product_id="p", name="Tumbler", quantity=1, unit_price=Money.of("1", "USD"))
    with pytest.raises(InvalidValue, match="cannot add USD to EUR"):
        Order.place(
            order_id="o",
            customer_id="maria",
            lines=(a_line(), dollars),
            shipping_address=an_address(),
            at=NOON,
        )


@pytest.mark.parametrize("count", [0, 101])
def test_an_order_has_one_to_a_hundred_lines(count: int) -> None:
    with pytest.raises(InvalidValue, match=f"lines: must be 1 to 100, are {count}"):
        an_order(lines=count)


def test_a_new_order_is_placed_and_not_stored_yet() -> None:
    order = an_order()
    assert (order.status, order.version, order.sequence) == (OrderStatus.PLACED, 0, 0)


@pytest.mark.parametrize("status", sorted(ORDERS))
def test_only_an_order_that_waits_for_its_shipment_is_given_up(status: str) -> None:
    order = ORDERS[status]()
    before = order.status
    order.give_up("not shipped in time", at=NOON)
    assert order.status is (OrderStatus.CANCELLED if status == "paid" else before)
