"""Paying an order: the attempt is committed, then charged, then its outcome is committed.

A document takes one command id with each commit. The attempt has one that is derived from the
request's; the outcome has the request's own, if the order is paid by it. So a repeat of the request
finds its attempt, and goes on where it stands: while that is open it charges again with the same
key, which captures nothing more; afterwards the provider tells once more what became of it.
"""

from collections.abc import Mapping
from uuid import UUID, uuid5

from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import RuleBroken
from carafe.domain.model import Clock
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.mediator import CommandHandler
from carafe.infrastructure.database.repository import Repository
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.contracts.commands import PayOrder
from chalicelib.domain.order import Order
from chalicelib.domain.payments import PaymentGateway

from .ownership import OWNERSHIP


class OrderPayments(Struct, frozen=True):
    """The handler, with the ports it needs."""

    orders: Repository[Order]
    payments: PaymentGateway
    clock: Clock

    def handlers(self) -> Mapping[type[Command], CommandHandler]:
        """Return the handler of the command."""
        return {PayOrder: self.pay}

    def pay(self, command: PayOrder, context: CommandContext) -> CommandResult:
        """Capture the money.

        Raises:
            ServiceUnavailable: what became of the attempt is unknown; it stays open.
        """
        key = context.command_id
        begun = change(
            self.orders,
            command.id,
            _part_of(context, "attempt"),
            lambda order: order.begin_payment(key, at=self.clock()),
            permit=OWNERSHIP.permit(context.caller),
        )
        if begun.repeated and (paid := self.orders.earlier_result(command.id, context)):
            return paid
        order = self.orders.get(command.id)
        if order.awaits_charge(key):
            outcome = self.payments.charge(
                order_id=order.id,
                amount=order.total,
                payment_method=command.payment_method,
                key=key,
            )
        else:  # the attempt has ended, or the order was cancelled or paid meanwhile
            outcome = self.payments.void(order_id=order.id, key=key)
        # The version that the caller expects was that before the attempt.
        rest = replace(context, expected_versions=None)
        try:
            return change(
                self.orders,
                order.id,
                rest,
                lambda order: order.complete_payment(key, outcome, at=self.clock()),
            )
        except RuleBroken:
            # Under the request's own id a repeat would be answered as if the order were paid.
            change(
                self.orders,
                order.id,
                _part_of(rest, "end"),
                lambda order: order.end_payment(key, outcome, at=self.clock()),
            )
            raise


def _part_of(context: CommandContext, part: str) -> CommandContext:
    """Return the context of a further commit of the same command."""
    return replace(
        context,
        command_id=str(uuid5(UUID(context.command_id), part)),
        causation_id=context.causation_id or context.command_id,
    )
