"""Adding and getting, over every store."""

from datetime import timedelta

import pytest

from carafe.domain.errors import AlreadyExists, NotFound
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from tests.support.orders import an_order


def test_an_order_that_was_never_added_is_not_found(orders: Repository[Order]) -> None:
    assert not orders.exists("nobody's")
    assert orders.earlier_result("nobody's", a_context()) is None
    with pytest.raises(NotFound, match="There is no order nobody's"):
        orders.get("nobody's")
    with pytest.raises(NotFound):
        orders.load("nobody's", a_context())


def test_an_id_can_be_taken_only_once(orders: Repository[Order]) -> None:
    order = an_order()
    orders.add(order, a_context())
    second = an_order(customer_id="somebody else")
    second.id = order.id
    with pytest.raises(AlreadyExists, match="Another order has this id") as refusal:
        orders.add(second, a_context())
    assert refusal.value.code == "order_already_exists"
    assert orders.get(order.id).customer_id == "maria"


def test_a_moment_finer_than_milliseconds_is_refused(orders: Repository[Order]) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        orders.add(an_order(at=NOON + timedelta(microseconds=1)), a_context())


def test_a_text_that_no_store_can_keep_is_refused(orders: Repository[Order]) -> None:
    order = an_order()
    order.payment_reference = "half a pair: \ud83d"
    with pytest.raises(UnicodeEncodeError):
        orders.add(order, a_context())
    assert not orders.exists(order.id)
