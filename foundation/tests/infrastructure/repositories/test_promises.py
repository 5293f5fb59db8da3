"""What every repository promises, kept in memory and in MongoDB."""

from collections.abc import Sequence
from datetime import timedelta
from secrets import randbelow, token_hex

from carafe.testing.suites import MemoryRepositoryTests, RepositoryTests
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.examples import NOON, AnOrder, a_product, an_order_at


def an_order() -> Order:
    """Return an order of one of many customers, at one of few moments."""
    return an_order_at(NOON + timedelta(hours=randbelow(3)), f"customer-{randbelow(1_000_000)}")


def another_product() -> Product:
    """Return a product with a SKU of its own, at one of few prices."""
    return a_product(token_hex(16).upper(), f"{randbelow(5) + 1}.50")


def orders_in_every_status() -> Sequence[Order]:
    """Return an order with and without each of its optional attributes."""
    return [
        AnOrder(lines=3).order,
        AnOrder().paid().order,
        AnOrder().paid().shipped().order,
        AnOrder().paid().shipped().delivered().order,
        AnOrder().cancelled().order,
    ]


class TestOrdersInMemory(MemoryRepositoryTests[Order]):
    """Nested values, lists and optional attributes."""

    aggregate = Order
    an_aggregate = staticmethod(an_order)
    examples = staticmethod(orders_in_every_status)


class TestOrdersInMongo(RepositoryTests[Order]):
    """The same, on a real database."""

    aggregate = Order
    an_aggregate = staticmethod(an_order)
    examples = staticmethod(orders_in_every_status)


class TestProductsInMemory(MemoryRepositoryTests[Product]):
    """A unique attribute."""

    aggregate = Product
    an_aggregate = staticmethod(another_product)


class TestProductsInMongo(RepositoryTests[Product]):
    """The same, on a real database."""

    aggregate = Product
    an_aggregate = staticmethod(another_product)
