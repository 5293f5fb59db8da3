"""Pages and streams, over every store."""

import sys
from datetime import timedelta

import pytest

from carafe.infrastructure.database.criteria import equals, one_of
from carafe.infrastructure.database.repository import LARGEST_PAGE, Repository
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import added, pages_of
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import an_order
from tests.support.products import a_product


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_hold_every_order_once_in_order(orders: Repository[Order], sign: str) -> None:
    placed = [an_order(at=NOON + timedelta(hours=hour % 3)) for hour in range(11)]
    added(orders, *placed, an_order(customer_id="somebody else"))
    pages = pages_of(orders, equals("customer_id", "maria"), order=[f"{sign}placed_at"], limit=2)
    seen = [each.id for page in pages for each in page]
    expected = sorted(placed, key=lambda each: (each.placed_at, each.id), reverse=sign == "-")
    assert seen == [each.id for each in expected]


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_can_be_sorted_by_several_attributes(
    products: Repository[Product], sign: str
) -> None:
    registered = [a_product(f"SKU-{each}", f"{each % 2}0.0{each % 3 + 1}") for each in range(12)]
    added(products, *registered)
    pages = pages_of(products, order=[f"{sign}price.amount", f"{sign}id"], limit=5)
    seen = [each.id for page in pages for each in page]
    expected = sorted(registered, key=lambda each: (each.price.amount, each.id))
    assert seen == [each.id for each in (expected[::-1] if sign else expected)]


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_neither_repeat_nor_skip_while_orders_come_and_go(
    orders: Repository[Order], sign: str
) -> None:
    placed = [an_order(at=NOON + timedelta(hours=hour % 3)) for hour in range(24)]
    added(orders, *placed)
    leaving = {each.id for each in placed[::2]}
    seen: list[Order] = []
    for page in pages_of(orders, order=[f"{sign}placed_at"], limit=4):
        seen += page
        # One that was shown goes, often the very one behind which the next page begins; one
        # that may not have been shown goes too; and others come, before and behind.
        for each in (page[-1:] + placed)[:: len(placed)]:
            if each.id in leaving and orders.exists(each.id):
                orders.delete(orders.get(each.id), a_context())
        if len(seen) < 40:
            added(orders, *(an_order(at=NOON + timedelta(hours=hour)) for hour in range(3)))
    ids = [each.id for each in seen]
    staying = {each.id for each in placed} - leaving
    assert len(ids) == len(set(ids))
    assert staying <= set(ids)
    places = [(each.placed_at, each.id) for each in seen]
    assert places == sorted(places, reverse=sign == "-")


def test_a_stream_goes_on_beyond_the_largest_page(orders: Repository[Order]) -> None:
    ids = added(orders, *(an_order() for _ in range(LARGEST_PAGE + 1)))
    assert [each.id for each in orders.stream()] == sorted(ids)


def test_a_stream_holds_only_some_at_a_time(
    orders: Repository[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[
        next(each for each in type(orders).__mro__ if "find" in vars(each)).__module__
    ]
    monkeypatch.setattr(module, "LARGEST_PAGE", 2)
    ids = sorted(added(orders, *(an_order() for _ in range(5))))
    stream = orders.stream()
    first = next(stream)
    for order in orders.find(one_of("id", ids[2:4]), limit=2).items:
        orders.delete(order, a_context())
    assert [first.id, *(each.id for each in stream)] == [*ids[:2], ids[4]]
