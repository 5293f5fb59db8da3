"""What every repository promises, kept in memory and in MongoDB."""

from carafe.testing.suites import MemoryRepositoryTests, RepositoryTests
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import another_order, orders_in_every_status
from tests.support.products import another_product


class TestOrdersInMemory(MemoryRepositoryTests[Order]):
    """Nested values, lists and optional attributes."""

    aggregate = Order
    an_aggregate = staticmethod(another_order)
    examples = staticmethod(orders_in_every_status)


class TestOrdersInMongo(RepositoryTests[Order]):
    """The same, on a real database."""

    aggregate = Order
    an_aggregate = staticmethod(another_order)
    examples = staticmethod(orders_in_every_status)


class TestProductsInMemory(MemoryRepositoryTests[Product]):
    """A unique attribute."""

    aggregate = Product
    an_aggregate = staticmethod(another_product)


class TestProductsInMongo(RepositoryTests[Product]):
    """The same, on a real database."""

    aggregate = Product
    an_aggregate = staticmethod(another_product)
