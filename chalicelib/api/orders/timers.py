"""Handlers of the timers of orders."""

from collections.abc import Mapping

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.domain.model import Clock
from carafe.domain.timers import Timer
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.mediator import TimerHandler
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.errors import ServiceUnavailable
from msgspec import Struct

from chalicelib.domain.order import Order
from chalicelib.domain.order_payment import PaymentCheck, PaymentDue, RefundDue
from chalicelib.domain.payments import PaymentGateway


class OrderTimers(Struct, frozen=True):
    """The handlers, with the ports they need.

    While the payment service is away they set their timers again: that is no failure of theirs,
    and it may last longer than a timer is tried.
    """

    orders: Repository[Order]
    payments: PaymentGateway
    clock: Clock

    def handlers(self) -> Mapping[type[Timer], TimerHandler]:
        """Return the handler of each timer."""
        return {
            PaymentDue: self.payment_due,
            PaymentCheck: self.payment_check,
            RefundDue: self.refund_due,
        }

    def payment_due(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """Give an unpaid order up."""
        return change(
            self.orders,
            timer.aggregate_id,
            context,
            lambda order: order.cancel_unpaid(at=self.clock()),
        )

    def payment_check(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """End an attempt that was cut off."""

        def end(order: Order) -> None:
            if outcome is None:
                order.check_payment_later(timer.key, at=self.clock())
            else:
                order.end_payment(timer.key, outcome, at=self.clock())

        try:
            outcome = self.payments.void(order_id=timer.aggregate_id, key=timer.key)
        except ServiceUnavailable:
            outcome = None
        return change(self.orders, timer.aggregate_id, context, end)

    def refund_due(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """Give back what is owed."""
        owed = [each.payment_reference for each in self.orders.get(timer.aggregate_id).owed_refunds]
        refunded: list[str] = []
        try:
            for reference in owed:
                self.payments.refund(order_id=timer.aggregate_id, reference=reference)
                refunded.append(reference)
        except ServiceUnavailable:
            pass  # the others have their turn with the next call
        return change(
            self.orders,
            timer.aggregate_id,
            context,
            lambda order: order.note_refunds(refunded, at=self.clock()),
        )
