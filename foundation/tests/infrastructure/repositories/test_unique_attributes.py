"""Unique attributes are unique, in every store."""

import pytest

from carafe.domain.errors import AlreadyExists
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import ids_of
from chalicelib.domain.product import Product
from tests.support.products import a_product


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
