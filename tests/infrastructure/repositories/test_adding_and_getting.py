"""Adding and getting, over every store."""

from datetime import timedelta

import pytest

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.errors import AlreadyExists, NotFound
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.database.repository import Repository
from tests.support.examples import NOON, AnOrder, a_context, an_order_at


def test_an_order_comes_back_as_it_was_added(orders: Repository[Order]) -> None:
    order = AnOrder(lines=3).order
    assert orders.add(order, a_context()) == CommandResult(id=order.id, version=1)
    found = orders.get(order.id)
    assert (found.version, found.sequence, found.recorded) == (1, 1, [])
    assert (found.lines, found.total, found.placed_at) == (order.lines, order.total, NOON)
    assert orders.exists(order.id)


def test_an_order_that_was_never_added_is_not_found(orders: Repository[Order]) -> None:
    assert not orders.exists("nobody's")
    assert orders.earlier_result("nobody's", a_context()) is None
    with pytest.raises(NotFound, match="There is no order nobody's"):
        orders.get("nobody's")
    with pytest.raises(NotFound):
        orders.load("nobody's", a_context())


def test_an_order_that_was_never_added_cannot_be_saved_or_deleted(
    orders: Repository[Order],
) -> None:
    with pytest.raises(NotFound):
        orders.save(AnOrder().order, a_context())
    with pytest.raises(NotFound):
        orders.delete(AnOrder().order, a_context())


def test_an_id_can_be_taken_only_once(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    second = AnOrder(customer_id="somebody else").order
    second.id = order.id
    with pytest.raises(AlreadyExists, match="Another order has this id") as refusal:
        orders.add(second, a_context())
    assert refusal.value.code == "order_already_exists"
    assert orders.get(order.id).customer_id == "maria"


def test_what_was_added_changes_only_by_a_save(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    order.pay("payment-1", at=NOON)
    assert orders.get(order.id).status is OrderStatus.PLACED


def test_what_was_read_changes_only_by_a_save(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    loaded = orders.load(order.id, a_context())
    assert isinstance(loaded, Order)
    (listed,) = orders.find().items
    (streamed,) = orders.stream()
    for read in (orders.get(order.id), loaded, listed, streamed):
        read.pay("payment-1", at=NOON)
        assert orders.get(order.id).status is OrderStatus.PLACED


def test_a_moment_finer_than_milliseconds_is_refused(orders: Repository[Order]) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        orders.add(an_order_at(NOON + timedelta(microseconds=1)), a_context())


def test_a_text_that_no_store_can_keep_is_refused(orders: Repository[Order]) -> None:
    order = AnOrder().order
    order.payment_reference = "half a pair: \ud83d"
    with pytest.raises(UnicodeEncodeError):
        orders.add(order, a_context())
    assert not orders.exists(order.id)
