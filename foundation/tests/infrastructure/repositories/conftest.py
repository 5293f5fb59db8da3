"""One suite over every store that fills the port `Repository`."""

import pytest

from carafe.infrastructure.database.repository import Repository
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.stores import Store, in_memory, in_mongo


@pytest.fixture(params=["memory", "mongo"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return in_memory()
    return in_mongo(request.getfixturevalue("service"))


@pytest.fixture
def orders(store: Store) -> Repository[Order]:
    return store.orders


@pytest.fixture
def products(store: Store) -> Repository[Product]:
    return store.products
