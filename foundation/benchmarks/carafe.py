"""This service's own repository, wired as in production, except that nothing is nudged."""

from collections.abc import Sequence

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from chalicelib.infrastructure.settings import Settings

from . import orders
from .contender import LISTED
from .service import no_nudge

Record = tuple[Order, CommandContext]


class Carafe:
    """Aggregates in, aggregates out; the events' envelopes are made while the clock runs."""

    name = "Carafe"
    collection = "orders"

    def __init__(self, container: Container[Settings]) -> None:
        self._repository = OrderRepository(
            container.database, container.outbox, no_nudge, container.cursors
        )

    def new_record(self, order: Order, context: CommandContext) -> Record:
        """Return the order as it is."""
        return order, context

    def add(self, record: Record) -> None:
        """Add the order."""
        self._repository.add(*record)

    def get(self, identifier: str) -> Order:
        """Get the order."""
        return self._repository.get(identifier)

    def paid_record(self, identifier: str) -> Record:
        """Return the order, paid."""
        context = orders.a_context()
        order = self._repository.load(identifier, context)
        if isinstance(order, CommandResult):
            raise LookupError(identifier)
        order.pay(orders.PAYMENT, at=orders.NOON)
        return order, context

    def save(self, record: Record) -> None:
        """Save the order."""
        self._repository.save(*record)

    def change(self, identifier: str) -> None:
        """Change the order as a command handler does."""
        change(self._repository, identifier, orders.a_context(), _move)

    def list(self) -> Sequence[Order]:
        """Find the orders."""
        return self._repository.find(order=["-placed_at"], limit=LISTED).items


def _move(order: Order) -> None:
    order.change_shipping_address(orders.another_address(order), at=orders.NOON)
