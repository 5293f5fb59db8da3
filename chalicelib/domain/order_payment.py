"""How an order is paid: attempts, what becomes of them, and money that is owed back.

An attempt is committed before the provider is asked, and its end when the outcome is known:

         begin_payment        end_payment
    none ─────────────► open ─────┬─────► none   captured: the order is paid, or the money owed back
                                  ├─────► none   declined: the payer's bank said no
                                  └─────► none   voided: nothing was captured, nor ever will be

One attempt at a time is open, and none begins unless the order waits for its payment. The provider
knows an attempt by its key, captures at most once for it, and remembers what became of it. While
the outcome is unknown the attempt stays open, and its request may come again. `PaymentCheck` ends
what was cut off: the provider tells what became of the key, and from then on refuses a charge that
it has not seen, since one may still be on its way.

An open attempt does not hold up the order's life: it may be cancelled, or paid by an event. Money
that arrives for an order which no longer waits for it is owed back, as is that of a paid order
which is cancelled. A refund is part of the commit that makes it due, and `RefundDue` asks the
provider until the money is back.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from carafe.domain.errors import RuleBroken
from carafe.domain.model import ValueObject, schema
from carafe.domain.timers import Timer

from .payments import Captured, Declined, PaymentDeclined, PaymentOutcome, Voided

# A request to pay is answered within half of this: an attempt that is still open was cut off.
FIRST_CHECK = timedelta(minutes=1)

SOON = timedelta(seconds=1)

# While the provider does not answer, it is asked again when as much time again has passed.
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class PaymentDue(Timer):
    """The order has not been paid in time."""

    name: ClassVar[str] = "payment_due"


class PaymentCheck(Timer):
    """An attempt has had its time; its key tells which one."""

    name: ClassVar[str] = "payment_check"


class RefundDue(Timer):
    """Money is owed back."""

    name: ClassVar[str] = "refund_due"


class PaymentInProgress(RuleBroken):
    """Another attempt to pay has no outcome yet."""

    code = "payment_in_progress"


@schema()
class PaymentAttempt(ValueObject):
    """An attempt to pay an order, whose outcome is unknown.

    Attributes:
        key: by which the provider tells attempts at this order apart.
        started_at: before the provider was asked.
    """

    key: str
    started_at: datetime


@schema()
class Refund(ValueObject):
    """A payment that is owed back, or was given back.

    Attributes:
        payment_reference: of the payment.
        requested_at: since when it is owed.
        refunded_at: when the provider confirmed it; None while it is owed.
    """

    payment_reference: str
    requested_at: datetime
    refunded_at: datetime | None = None

    @property
    def is_owed(self) -> bool:
        """Whether the money is not back yet."""
        return self.refunded_at is None

    def made(self, at: datetime) -> "Refund":
        """Return the refund as the provider confirmed it."""
        return replace(self, refunded_at=at)


def captured_reference(outcome: PaymentOutcome) -> str:
    """Return the reference of the money that an attempt captured.

    Raises:
        PaymentDeclined: the payer's bank declined.
        RuleBroken: the attempt was given up.
    """
    match outcome:
        case Captured(reference=reference):
            return reference
        case Declined():
            raise PaymentDeclined("The payment was declined; try another payment method.")
        case Voided():
            raise RuleBroken(
                "This attempt to pay was given up before any money was captured; "
                "pay again with a new Idempotency-Key.",
                code="payment_voided",
            )


def wait_since(since: datetime, at: datetime) -> timedelta:
    """Return how long to wait before the provider is asked again.

    Args:
        since: when it was first to be asked.
        at: the present.
    """
    return min(max(at - since, SHORTEST_WAIT), LONGEST_WAIT)
