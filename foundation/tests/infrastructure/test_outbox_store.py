"""What every outbox promises to the relay, kept by MongoDB."""

from carafe.testing.suites import OutboxStoreTests
from chalicelib.domain.order import Order
from tests.support.examples import AnOrder


class TestMongoOutbox(OutboxStoreTests[Order]):
    """Outboxes inside documents."""

    aggregate = Order

    def an_aggregate(self) -> Order:
        return AnOrder().order
