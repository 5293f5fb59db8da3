"""A command may require another aggregate, which exists and is in one of some statuses."""

from collections.abc import Callable

import pytest

from carafe.domain.errors import InvalidValue, NotFound, RuleBroken
from carafe.infrastructure.cqrs.references import require_reference
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order, OrderStatus
from tests.support.orders import an_order


@pytest.fixture
def order(orders: Repository[Order]) -> Order:
    """A placed order of maria's, which is stored."""
    order = an_order("maria")
    orders.add(order, a_context())
    return order


def test_what_exists_is_accepted(orders: Repository[Order], order: Order) -> None:
    require_reference(orders, order.id, "order_id")
    require_reference(orders, order.id, "order_id", statuses=(OrderStatus.PLACED,))


def refused(_order: Order) -> None:
    """Refuse as the ownership does."""
    raise NotFound("order", _order.id)


@pytest.mark.parametrize(("identifier", "permit"), [("0" * 36, None), ("", refused)])
def test_what_is_missing_and_what_is_foreign_look_the_same(
    orders: Repository[Order],
    order: Order,
    identifier: str,
    permit: Callable[[Order], None] | None,
) -> None:
    with pytest.raises(InvalidValue, match="there is no such order") as refusal:
        require_reference(orders, identifier or order.id, "order_id", permit=permit)
    assert refusal.value.field == "order_id"


def test_another_status_is_refused_by_name(orders: Repository[Order], order: Order) -> None:
    statuses = (OrderStatus.SHIPPED, OrderStatus.PAID)
    with pytest.raises(RuleBroken, match="The order must be paid or shipped") as refusal:
        require_reference(orders, order.id, "order_id", statuses=statuses)
    assert refusal.value.code == "order_is_placed"
