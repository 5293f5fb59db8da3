"""Aggregations and views, put together from attributes that exist."""

import gc
from collections.abc import Callable
from typing import Any

import pytest

from carafe.contracts.base import Contract
from carafe.contracts.values import Money
from carafe.contracts.views import View
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.mongo.mongo_reader import MongoReader
from carafe.infrastructure.database.mongo.pipeline import Pipeline, count, highest, total_of
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.contracts.queries import ProductView
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import a_paid_order, an_order
from tests.support.products import a_product


def test_orders_are_counted_by_status(service: Container[Any]) -> None:
    for order in (an_order(), a_paid_order(), a_paid_order(), a_paid_order("john")):
        service.repository(Order).add(order, a_context())
    rows = (
        Pipeline(Order)
        .where(equals("customer_id", "maria"))
        .group_by("status", orders=count(), latest=highest("placed_at"))
        .order_by("-orders")
        .run(service.database)
    )
    assert list(rows) == [
        {"status": "paid", "orders": 2, "latest": NOON},
        {"status": "placed", "orders": 1, "latest": NOON},
    ]


def test_repeated_attributes_are_looked_into(service: Container[Any]) -> None:
    service.repository(Order).add(an_order(lines=3), a_context())
    rows = (
        Pipeline(Order)
        .unwind("lines")
        .group_by("lines.name", sold=total_of("lines.quantity"))
        .first(1)
        .run(service.database)
    )
    assert list(rows) == [{"lines_name": "Carafe, 1 l", "sold": 3}]


@pytest.mark.parametrize("field", ["nothing", "$where", "lines.nothing", "status.x", "_id", ""])
def test_an_attribute_that_is_none_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="has no attribute"):
        Pipeline(Order).group_by(field, orders=count())


def test_a_view_shows_what_is_stored_and_nothing_of_the_deleted(service: Container[Any]) -> None:
    kept, gone = a_product(sku="KEPT"), a_product(sku="GONE")
    for product in (kept, gone):
        service.repository(Product).add(product, a_context())
    gone.discontinue(at=NOON)
    service.repository(Product).delete(gone, a_context())
    page = service.repository(Product).find_views(View(ProductView, Product), order=["sku"])
    price = Money(amount="24.90", currency="EUR")
    assert page.items == [
        ProductView(id=kept.id, version=1, sku="KEPT", name="Carafe, 1 l", price=price)
    ]


class Sku(Contract, frozen=True):
    """Shows one attribute."""

    sku: str


def test_pages_of_views_go_on_behind_each_other(service: Container[Any]) -> None:
    for number in range(5):
        service.repository(Product).add(a_product(sku=f"S-{number}"), a_context())
    view = View(Sku, Product)
    first = service.repository(Product).find_views(view, order=["-sku"], limit=3)
    rest = service.repository(Product).find_views(
        view, order=["-sku"], limit=3, cursor=first.next_cursor
    )
    assert [each.sku for each in first.items + rest.items] == ["S-4", "S-3", "S-2", "S-1", "S-0"]


@pytest.mark.parametrize(
    "read",
    [
        lambda products: products.find(),
        lambda products: products.find_views(View(ProductView, Product)),
    ],
    ids=["find", "find_views"],
)
def test_a_page_lets_each_document_go_once_it_is_decoded(
    service: Container[Any],
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[MongoReader[Product]], object],
) -> None:
    products: Any = service.repository(Product)
    for number in range(3):
        products.add(a_product(sku=f"S-{number}"), a_context())
    decode, held = products.documents.decode, []

    def watched(*arguments: Any) -> Any:  # noqa: ANN401 - as `decode`
        held.append(sum(type(each) is dict and "sku" in each for each in gc.get_objects()))
        return decode(*arguments)

    monkeypatch.setattr(products.documents, "decode", watched)
    read(products)
    most = held[0]
    assert held == [most, most - 1, most - 2]
