"""The port through which orders are paid; an external service implements it."""

from typing import Protocol

from carafe.domain.errors import RuleBroken
from carafe.domain.model import ValueObject, schema
from carafe.domain.money import Money


class PaymentDeclined(RuleBroken):
    """The payer's bank declined: a business outcome, not a failure."""

    code = "payment_declined"


class RefundRefused(RuleBroken):
    """The gateway will never give this payment back by itself; a person must look at it."""

    code = "refund_refused"


@schema()
class Captured(ValueObject):
    """The money is there.

    Attributes:
        reference: the gateway's, of the payment.
    """

    reference: str


@schema()
class Declined(ValueObject):
    """The payer's bank declined."""


@schema()
class Voided(ValueObject):
    """Nothing was captured, and nothing ever will be with this key."""


PaymentOutcome = Captured | Declined | Voided
"""What became of a charge; for one key it is always the same."""


class PaymentGateway(Protocol):
    """Captures money, and gives it back."""

    def charge(
        self, *, order_id: str, amount: Money, payment_method: str, key: str
    ) -> PaymentOutcome:
        """Capture the amount, once for each key of an order.

        Args:
            order_id: what the money is for.
            amount: how much.
            payment_method: the payer's means of payment, as the gateway names it.
            key: a repeat with the same key captures nothing more and has the first outcome.
        """

    def void(self, *, order_id: str, key: str) -> PaymentOutcome:
        """Return what became of a charge; if it did not arrive yet, see that it never will.

        Args:
            order_id: of the charge.
            key: of the charge, which may still be on its way.
        """

    def refund(self, *, order_id: str, reference: str) -> None:
        """Give a payment back, once however often it is asked for.

        Args:
            order_id: what the money was for.
            reference: of the payment.

        Raises:
            RefundRefused: the gateway has no such payment.
        """
