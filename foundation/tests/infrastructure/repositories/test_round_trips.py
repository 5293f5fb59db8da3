"""Whatever is valid comes back equal, from every store."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carafe.domain.money import Money
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.criteria import Criterion, Operator, equals
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import added, pages_of, state_of
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.products import a_product
from tests.support.strategies import (
    CRITERIA,
    CURRENCIES,
    PRICES,
    Step,
    lives,
    new_orders,
    new_products,
)

MOST_MINOR_DIGITS = 4
PROPERTY = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@PROPERTY
@given(order=new_orders(), life=lives(), saved_from=st.integers(0, 4))
def test_every_order_comes_back_equal(
    orders: Repository[Order], order: Order, life: list[Step], saved_from: int
) -> None:
    for step in life[:saved_from]:
        step(order)
    orders.add(order, a_context())
    for step in life[saved_from:]:
        change(orders, order.id, a_context(), step)
        step(order)
        order.version, order.sequence = order.version + 1, order.sequence + 1
        order.recorded.clear()
    found = orders.get(order.id)
    assert state_of(found) == state_of(order)
    assert [str(each.unit_price) for each in found.lines] == [
        str(each.unit_price) for each in order.lines
    ]
    (listed,) = orders.find(equals("id", order.id)).items
    assert state_of(listed) == state_of(order)


@PROPERTY
@given(product=new_products(), minor=st.integers(1, 10**16 - 1))
def test_every_product_comes_back_equal(
    products: Repository[Product], product: Product, minor: int
) -> None:
    products.add(product, a_context())
    assert state_of(products.get(product.id)) == state_of(product)
    assert str(products.get(product.id).price) == str(product.price)
    places = CURRENCIES[product.price.currency]
    whole = Decimal(minor).scaleb(-MOST_MINOR_DIGITS).quantize(Decimal(1).scaleb(-places))
    if 0 < whole < 10**12:
        price = Money(amount=whole, currency=product.price.currency)
        product.change_price(price, at=NOON)
        products.save(product, a_context())
        assert state_of(products.get(product.id)) == state_of(product)
    products.delete(product, a_context())


MEETS: dict[Operator, Callable[[Decimal, Any], bool]] = {
    Operator.EQUALS: lambda amount, wanted: amount == wanted,
    Operator.ONE_OF: lambda amount, wanted: amount in wanted,
    Operator.AT_LEAST: lambda amount, wanted: amount >= wanted,
    Operator.BELOW: lambda amount, wanted: amount < wanted,
}


@PROPERTY
@given(
    prices=st.lists(PRICES, max_size=8),
    criteria=st.lists(CRITERIA, max_size=3),
    sign=st.sampled_from(["", "-"]),
    limit=st.integers(1, 4),
)
def test_pages_hold_what_a_plain_filter_and_sort_would(
    products: Repository[Product],
    prices: list[str],
    criteria: list[Criterion],
    sign: str,
    limit: int,
) -> None:
    registered = [a_product(f"SKU-{number}", price) for number, price in enumerate(prices)]
    added(products, *registered)
    wanted = [
        (each.price.amount, each.id)
        for each in registered
        if all(MEETS[one.operator](each.price.amount, one.value) for one in criteria)
    ]
    pages = pages_of(products, *criteria, order=[f"{sign}price.amount"], limit=limit)
    found = [(each.price.amount, each.id) for page in pages for each in page]
    assert found == sorted(wanted, reverse=sign == "-")
    for each in registered:
        products.delete(each, a_context())
