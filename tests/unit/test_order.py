"""The rules of an order's life."""

from collections.abc import Callable

import pytest

from chalicelib.domain.errors import InvalidValue, RuleBroken
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order, OrderStatus, Shipment
from chalicelib.domain.order_events import OrderCancelled, OrderPlaced
from chalicelib.domain.order_line import OrderLine, lines_at_catalogue_prices
from tests.support.examples import NOON, AnOrder, a_line, a_product, an_address, euros

A_SHIPMENT = Shipment(carrier="DHL", tracking_code="JD01")

ORDERS: dict[str, Callable[[], AnOrder]] = {
    "placed": AnOrder,
    "paid": lambda: AnOrder().paid(),
    "shipped": lambda: AnOrder().paid().shipped(),
    "delivered": lambda: AnOrder().paid().shipped().delivered(),
    "cancelled": lambda: AnOrder().cancelled(),
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
    order = ORDERS[status]().order
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
    order = AnOrder(lines=2).order
    (event,) = order.recorded
    assert isinstance(event, OrderPlaced)
    assert event.total == euros("20.00")
    assert event.lines == order.lines


def test_a_cancelled_order_names_the_payment_to_give_back() -> None:
    event = AnOrder().paid().cancelled().order.recorded[-1]
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
        AnOrder(lines=count)


@pytest.mark.parametrize("quantity", [0, -1, 1_001, True, 1.0, "1", None])
def test_a_quantity_is_a_whole_number_from_one_to_a_thousand(quantity: object) -> None:
    with pytest.raises(InvalidValue) as refusal:
        a_line(quantity=quantity)  # type: ignore[arg-type]
    assert refusal.value.field == "quantity"


def test_lines_take_their_prices_from_the_catalogue() -> None:
    product = a_product(price="24.90")
    (line,) = lines_at_catalogue_prices([(product.id, 3)], lambda _ids: [product])
    assert (line.name, line.unit_price, line.total) == (
        "Carafe, 1 l",
        euros("24.90"),
        euros("74.70"),
    )


def test_a_product_that_is_not_in_the_catalogue_is_refused_by_its_line() -> None:
    product = a_product()
    with pytest.raises(InvalidValue) as refusal:
        lines_at_catalogue_prices([(product.id, 1), ("missing", 1)], lambda _ids: [product])
    assert refusal.value.field == "lines/1/product_id"


def test_a_new_order_is_placed_and_not_stored_yet() -> None:
    order = AnOrder().order
    assert (order.status, order.version, order.sequence) == (OrderStatus.PLACED, 0, 0)
