"""Products in MongoDB."""

from carafe.testing.suites import RepositoryTests

from chalicelib.domain.product import Product
from tests.support.products import another_product


class TestProductRepository(RepositoryTests[Product]):
    """What every repository promises."""

    aggregate = Product
    an_aggregate = staticmethod(another_product)
