"""The port through which orders are paid; an external service implements it."""

from typing import Protocol

from carafe.domain.errors import RuleBroken
from carafe.domain.money import Money


class PaymentDeclined(RuleBroken):
    """The payer's bank declined: a business outcome, not a failure."""

    code = "payment_declined"


class PaymentGateway(Protocol):
    """Captures money."""

    def charge(self, *, order_id: str, amount: Money, payment_method: str, key: str) -> str:
        """Capture the amount, once for each key.

        Args:
            order_id: what the money is for.
            amount: how much.
            payment_method: the payer's means of payment, as the gateway names it.
            key: a repeat with the same key captures nothing more and returns the first reference.

        Returns:
            The gateway's reference of the payment.

        Raises:
            PaymentDeclined: the payer's bank declined.
        """
