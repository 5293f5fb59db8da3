"""Pages and streams, over every store."""

import sys
from datetime import timedelta

import pytest

from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.database.criteria import equals, one_of
from chalicelib.infrastructure.database.repository import LARGEST_PAGE, Repository
from tests.support.examples import NOON, AnOrder, a_context, a_product, an_order_at
from tests.support.stores import added, at_once, pages_of


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_hold_every_order_once_in_order(orders: Repository[Order], sign: str) -> None:
    placed = [an_order_at(NOON + timedelta(hours=hour % 3)) for hour in range(11)]
    added(orders, *placed, AnOrder(customer_id="somebody else").order)
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
    placed = [an_order_at(NOON + timedelta(hours=hour % 3)) for hour in range(24)]
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
            added(orders, *(an_order_at(NOON + timedelta(hours=hour)) for hour in range(3)))
    ids = [each.id for each in seen]
    staying = {each.id for each in placed} - leaving
    assert len(ids) == len(set(ids))
    assert staying <= set(ids)
    places = [(each.placed_at, each.id) for each in seen]
    assert places == sorted(places, reverse=sign == "-")


def test_a_page_says_whether_there_is_another(orders: Repository[Order]) -> None:
    added(orders, AnOrder().order, AnOrder().order)
    assert orders.find(limit=2).next_cursor is None
    assert orders.find(limit=3).next_cursor is None
    assert orders.find(limit=1).next_cursor is not None
    assert orders.find(equals("customer_id", "nobody")).items == []


def test_a_page_holds_a_hundred_unless_told_otherwise(orders: Repository[Order]) -> None:
    added(orders, *(AnOrder().order for _ in range(101)))
    assert [len(orders.find().items), len(orders.find(limit=LARGEST_PAGE).items)] == [100, 101]


@pytest.mark.parametrize("limit", [-1, 0, LARGEST_PAGE + 1])
def test_a_page_of_an_impossible_size_is_refused(orders: Repository[Order], limit: int) -> None:
    with pytest.raises(ValueError, match=f"1 to {LARGEST_PAGE}"):
        orders.find(limit=limit)


def test_the_size_of_a_page_may_change_on_the_way(orders: Repository[Order]) -> None:
    ids = sorted(added(orders, *(AnOrder().order for _ in range(5))))
    first = orders.find(limit=2)
    rest = orders.find(limit=3, cursor=first.next_cursor)
    assert [each.id for each in first.items + rest.items] == ids
    assert rest.next_cursor is None


def test_a_stream_goes_on_beyond_the_largest_page(orders: Repository[Order]) -> None:
    ids = added(orders, *(AnOrder().order for _ in range(LARGEST_PAGE + 1)))
    assert [each.id for each in orders.stream()] == sorted(ids)


def test_a_stream_holds_only_some_at_a_time(
    orders: Repository[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[
        next(each for each in type(orders).__mro__ if "find" in vars(each)).__module__
    ]
    monkeypatch.setattr(module, "LARGEST_PAGE", 2)
    ids = sorted(added(orders, *(AnOrder().order for _ in range(5))))
    stream = orders.stream()
    first = next(stream)
    for order in orders.find(one_of("id", ids[2:4]), limit=2).items:
        orders.delete(order, a_context())
    assert [first.id, *(each.id for each in stream)] == [*ids[:2], ids[4]]


@pytest.mark.usefixtures("taking_turns")
def test_reading_goes_on_while_others_write(orders: Repository[Order]) -> None:
    added(orders, *(AnOrder().order for _ in range(20)))

    def work(number: int) -> list[str]:
        if number % 2:
            return added(orders, *(AnOrder().order for _ in range(20)))
        return [each.id for page in pages_of(orders, limit=7) for each in page]

    for seen in at_once(4, work)[::2]:
        assert len(seen) == len(set(seen)) >= 20
