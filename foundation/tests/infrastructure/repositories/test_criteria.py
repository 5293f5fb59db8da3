"""Criteria choose the same in every store."""

from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from carafe.infrastructure.database.criteria import Criterion, at_least, below, equals, one_of
from carafe.infrastructure.database.repository import Repository
from carafe.testing.examples import NOON, an_address
from carafe.testing.stores import added, ids_of
from chalicelib.domain.order import Order, OrderStatus, Shipment
from chalicelib.domain.product import Product
from tests.support.orders import an_order
from tests.support.products import a_product, euros

EARLIER, LATER = NOON - timedelta(milliseconds=1), NOON + timedelta(milliseconds=1)


def three_orders() -> dict[str, Order]:
    """A placed one of long ago, a paid one of noon, a shipped one of later."""
    placed = an_order("maria", city="Dresden", at=EARLIER)
    paid = an_order("john", city="Halle", at=NOON)
    paid.pay("payment-1", at=NOON)
    shipped = an_order("maria", at=LATER)
    shipped.pay("payment-2", at=NOON)
    shipped.ship(Shipment(carrier="DHL", tracking_code="JD01"), at=NOON)
    return {"placed": placed, "paid": paid, "shipped": shipped}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ([], ["placed", "paid", "shipped"]),
        ([equals("customer_id", "maria")], ["placed", "shipped"]),
        ([equals("customer_id", "mari")], []),
        ([equals("customer_id", "john"), equals("status", OrderStatus.PLACED)], []),
        ([equals("status", OrderStatus.PAID)], ["paid"]),
        ([one_of("status", [OrderStatus.PAID, OrderStatus.SHIPPED])], ["paid", "shipped"]),
        ([one_of("status", [])], []),
        ([equals("placed_at", NOON)], ["paid"]),
        ([equals("placed_at", NOON.astimezone(timezone(timedelta(hours=2))))], ["paid"]),
        ([one_of("placed_at", [EARLIER, LATER])], ["placed", "shipped"]),
        ([at_least("placed_at", NOON)], ["paid", "shipped"]),
        ([below("placed_at", NOON)], ["placed"]),
        ([at_least("placed_at", NOON), below("placed_at", LATER)], ["paid"]),
        ([equals("shipping_address.city", "Halle")], ["paid"]),
        ([one_of("shipping_address.city", ["Halle", "Leipzig"])], ["paid", "shipped"]),
        ([at_least("shipping_address.city", "Halle")], ["paid", "shipped"]),
        ([below("shipping_address.city", "Halle")], ["placed"]),
        ([equals("shipping_address", an_address(city="Halle"))], ["paid"]),
        ([equals("payment_reference", None)], ["placed"]),
        ([at_least("payment_reference", "payment-2")], ["shipped"]),
        ([below("payment_reference", "payment-2")], ["paid"]),
        ([one_of("payment_reference", [None, "payment-1"])], ["placed", "paid"]),
        ([equals("shipment.carrier", "DHL")], ["shipped"]),
        ([equals("shipment", Shipment(carrier="DHL", tracking_code="JD01"))], ["shipped"]),
    ],
)
def test_criteria_choose_orders(
    orders: Repository[Order], criteria: list[Criterion], expected: list[str]
) -> None:
    examples = three_orders()
    added(orders, *examples.values())
    names = {order.id: name for name, order in examples.items()}
    found = [names[each] for each in ids_of(orders, *criteria, order=["placed_at"])]
    assert found == expected
    assert [names[each.id] for each in orders.stream(*criteria, order=["placed_at"])] == expected


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (equals("price.amount", Decimal("9.5")), ["9.50"]),
        (one_of("price.amount", [Decimal("9.50"), Decimal(100)]), ["9.50", "100.00"]),
        (at_least("price.amount", Decimal("9.50")), ["9.50", "10.00", "100.00"]),
        (below("price.amount", Decimal("10.00")), ["9.50"]),
        (equals("price", euros("10.00")), ["10.00"]),
        (at_least("price", euros("10.00")), ["10.00", "100.00"]),
    ],
)
def test_decimals_compare_as_numbers(
    products: Repository[Product], criterion: Criterion, expected: list[str]
) -> None:
    added(
        products, *(a_product(each.replace(".", "-"), each) for each in ("100.00", "9.50", "10.00"))
    )
    found = products.find(criterion, order=["price.amount"]).items
    assert [str(each.price.amount) for each in found] == expected


def test_a_repeated_attribute_meets_a_criterion_with_any_of_its_values(
    orders: Repository[Order],
) -> None:
    order = an_order(lines=3)
    added(orders, order, an_order(lines=2))
    assert ids_of(orders, equals("lines.product_id", order.lines[1].product_id)) == [order.id]
    assert ids_of(orders, equals("lines", order.lines[2])) == [order.id]
    assert ids_of(orders, at_least("lines.quantity", 2)) == []


@pytest.mark.parametrize(
    "name",
    ["colour", "shipping_address.planet", "customer_id.length", "_id", "version", "$where", ""],
)
def test_an_attribute_that_there_is_not_is_refused(orders: Repository[Order], name: str) -> None:
    with pytest.raises(ValueError, match="has no attribute"):
        orders.find(equals(name, "blue"))
    with pytest.raises(ValueError, match="has no attribute"):
        orders.find(order=[name])
    with pytest.raises(ValueError, match="has no attribute"):
        list(orders.stream(equals(name, "blue")))


@pytest.mark.parametrize(
    "order",
    [
        ["payment_reference"],
        ["lines"],
        ["shipment"],
        ["shipment.carrier"],
        ["lines.name"],
        ["placed_at", "-customer_id"],
    ],
)
def test_an_order_without_a_place_for_everything_is_refused(
    orders: Repository[Order], order: list[str]
) -> None:
    added(orders, *(an_order() for _ in range(3)))
    with pytest.raises(ValueError, match=r"cannot be sorted by|one direction"):
        orders.find(order=order, limit=1)
