"""What is deleted is gone but for its events, in every store (F11)."""

import pytest

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.errors import AlreadyExists, NotFound
from chalicelib.domain.product import Product
from chalicelib.infrastructure.database.criteria import one_of
from chalicelib.infrastructure.database.repository import Repository
from tests.support.examples import NOON, a_context, a_product, euros
from tests.support.stores import Store, ids_of


def test_a_deleted_product_is_gone_but_for_its_events(store: Store) -> None:
    product = a_product()
    store.products.add(product, a_context())
    product.discontinue(at=NOON)
    assert store.products.delete(product, a_context()) == CommandResult(id=product.id, version=2)
    with pytest.raises(NotFound):
        store.products.get(product.id)
    with pytest.raises(NotFound):
        store.products.load(product.id, a_context())
    assert not store.products.exists(product.id)
    assert ids_of(store.products) == []
    assert ids_of(store.products, one_of("id", [product.id])) == []
    assert ids_of(store.products, order=["sku"]) == []
    assert list(store.products.stream()) == []
    assert store.sequences(product.id) == [1, 2]
    assert store.nudged.nudges == [("products", product.id)] * 2


def test_a_deleted_aggregate_cannot_be_changed_by_who_read_it_before(
    products: Repository[Product],
) -> None:
    product = a_product()
    products.add(product, a_context())
    late = products.get(product.id)
    products.delete(product, a_context())
    late.change_price(euros("1"), at=NOON)
    with pytest.raises(NotFound):
        products.save(late, a_context())
    with pytest.raises(NotFound):
        products.delete(late, a_context())


@pytest.mark.parametrize("attempt", ["save", "delete"])
def test_a_deleted_aggregate_cannot_be_changed_by_who_deleted_it(
    store: Store, attempt: str
) -> None:
    product = a_product()
    store.products.add(product, a_context())
    store.products.delete(product, a_context())
    product.change_price(euros("1"), at=NOON)
    with pytest.raises(NotFound):
        getattr(store.products, attempt)(product, a_context())
    assert store.sequences(product.id) == [1]
    store.products.add(a_product(), a_context())


def test_the_id_of_a_deleted_aggregate_stays_taken(products: Repository[Product]) -> None:
    product, successor = a_product(), a_product()
    products.add(product, a_context())
    products.delete(product, a_context())
    successor.id = product.id
    with pytest.raises(AlreadyExists):
        products.add(successor, a_context())
