"""The outboxes of orders, as the relay finds them."""

from carafe.testing.suites import OutboxStoreTests

from chalicelib.domain.order import Order
from tests.support.orders import an_order


class TestOrderOutbox(OutboxStoreTests[Order]):
    """What every outbox promises."""

    aggregate = Order

    def an_aggregate(self) -> Order:
        return an_order()
