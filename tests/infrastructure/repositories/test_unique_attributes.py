"""Unique attributes are unique, in every store."""

import functools

import pytest

from chalicelib.domain.errors import AlreadyExists
from chalicelib.domain.product import Product
from chalicelib.infrastructure.database.criteria import equals
from chalicelib.infrastructure.database.repository import Repository
from tests.support.examples import NOON, a_context, a_product, euros
from tests.support.stores import Store, added, at_once, ids_of, outcome_of_one


def test_a_sku_is_unique_until_its_product_is_discontinued(products: Repository[Product]) -> None:
    product = a_product(sku="CARAFE-1L")
    products.add(product, a_context())
    with pytest.raises(AlreadyExists, match="Another product has this sku") as refusal:
        products.add(a_product(sku="CARAFE-1L"), a_context())
    assert refusal.value.code == "product_already_exists"
    products.add(a_product(sku="CARAFE-2L"), a_context())
    product.discontinue(at=NOON)
    products.delete(product, a_context())
    successor = a_product(sku="CARAFE-1L")
    products.add(successor, a_context())
    assert ids_of(products, equals("sku", "CARAFE-1L")) == [successor.id]


def test_a_refused_sku_leaves_nothing_behind(store: Store) -> None:
    store.products.add(a_product(), a_context())
    second, context = a_product(), a_context()
    with pytest.raises(AlreadyExists):
        store.products.add(second, context)
    assert not store.products.exists(second.id)
    assert store.products.earlier_result(second.id, context) is None
    assert store.pending(second.id) == []
    assert (second.version, len(second.recorded)) == (0, 1)


def test_a_product_keeps_its_own_sku_through_a_save(products: Repository[Product]) -> None:
    product = a_product()
    products.add(product, a_context())
    product.change_price(euros("1"), at=NOON)
    assert products.save(product, a_context()).version == 2
    with pytest.raises(AlreadyExists):
        products.add(a_product(), a_context())


def test_a_save_cannot_take_a_sku_that_another_product_has(products: Repository[Product]) -> None:
    first, second = a_product(sku="CARAFE-1L"), a_product(sku="CARAFE-2L")
    added(products, first, second)
    second.sku = "CARAFE-1L"
    with pytest.raises(AlreadyExists, match="Another product has this sku"):
        products.save(second, a_context())
    assert products.get(second.id).sku == "CARAFE-2L"


def test_a_save_frees_the_sku_that_it_replaces(products: Repository[Product]) -> None:
    product = a_product(sku="CARAFE-1L")
    products.add(product, a_context())
    product.sku = "CARAFE-2L"
    products.save(product, a_context())
    products.add(a_product(sku="CARAFE-1L"), a_context())
    with pytest.raises(AlreadyExists):
        products.add(a_product(sku="CARAFE-2L"), a_context())


@pytest.mark.usefixtures("taking_turns")
def test_of_many_who_add_one_sku_at_once_one_wins(products: Repository[Product]) -> None:
    commits = [
        functools.partial(products.add, a_product(price=f"{number}.00"), a_context())
        for number in range(1, 11)
    ]
    outcomes = at_once(10, functools.partial(outcome_of_one, commits))
    assert sorted(outcomes) == ["product_already_exists"] * 9 + ["won"]
    (only,) = products.find().items
    assert only.price == euros(f"{outcomes.index('won') + 1}.00")
