"""Cursors fit the one question that they were given for."""

from typing import Any

import pytest

from carafe.domain.errors import InvalidValue
from carafe.infrastructure.database.criteria import below, equals, one_of
from carafe.infrastructure.database.repository import Repository
from carafe.testing.examples import NOON
from carafe.testing.stores import added
from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.stores import Store


def asked(**differently: Any) -> dict[str, Any]:  # noqa: ANN401 - arguments of find
    return {"criteria": [equals("customer_id", "maria")], "order": ["placed_at"]} | differently


@pytest.mark.parametrize(
    "question",
    [
        asked(criteria=[]),
        asked(criteria=[equals("customer_id", "john")]),
        asked(criteria=[one_of("customer_id", ["maria"])]),
        asked(criteria=[equals("payment_reference", "maria")]),
        asked(criteria=[equals("customer_id", "maria"), below("placed_at", NOON)]),
        asked(order=[]),
        asked(order=["-placed_at"]),
        asked(order=["placed_at", "customer_id"]),
    ],
)
def test_a_cursor_of_another_question_is_refused(
    orders: Repository[Order], question: dict[str, Any]
) -> None:
    added(orders, an_order(), an_order())
    cursor = orders.find(equals("customer_id", "maria"), order=["placed_at"], limit=1).next_cursor
    with pytest.raises(InvalidValue) as refusal:
        orders.find(*question["criteria"], order=question["order"], cursor=cursor)
    assert refusal.value.field == "cursor"


def test_a_cursor_of_other_aggregates_is_refused(store: Store) -> None:
    added(store.orders, an_order(), an_order())
    with pytest.raises(InvalidValue) as refusal:
        store.products.find(cursor=store.orders.find(limit=1).next_cursor)
    assert refusal.value.field == "cursor"
