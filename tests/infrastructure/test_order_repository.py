"""Orders in MongoDB."""

from carafe.testing.suites import RepositoryTests

from chalicelib.domain.order import Order
from tests.support.orders import another_order, orders_in_every_status


class TestOrderRepository(RepositoryTests[Order]):
    """What every repository promises."""

    aggregate = Order
    an_aggregate = staticmethod(another_order)
    examples = staticmethod(orders_in_every_status)
