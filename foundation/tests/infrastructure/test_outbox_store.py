"""What every outbox promises to the relay, kept by MongoDB."""

from carafe.testing.suites import OutboxStoreTests
from chalicelib.domain.order import Order
from tests.support.orders import an_order


class TestMongoOutbox(OutboxStoreTests[Order]):
    """Outboxes inside documents."""

    aggregate = Order

    def an_aggregate(self) -> Order:
        return an_order()
