"""Paying an order, with something that happens in the middle of it."""

from collections.abc import Callable

from carafe.client.limits import Limits
from carafe.domain.money import Money
from carafe.infrastructure.external_services.http_client import HttpClient
from carafe.testing.description import Answer
from carafe.testing.http import Api

from chalicelib.domain.order import Order
from chalicelib.domain.payments import PaymentOutcome
from chalicelib.infrastructure.external_services.payment_gateway import HttpPaymentGateway
from tests.support.callers import CUSTOMER

ATTEMPTS = 2
TOTAL = {"amount": "49.80", "currency": "EUR"}

CurrentOrder = Callable[[], Order]
"""Returns the order as it is stored now."""


class Gateway(HttpPaymentGateway):
    """The gateway, with little patience, and something that happens around each charge.

    Args:
        url: of the payment service.
    """

    def __init__(self, url: str) -> None:
        limits = Limits(answer_seconds=0.5, attempts=ATTEMPTS, connections=60)
        super().__init__(HttpClient(url, "payment service", limits))
        self.before_charge: Callable[[], None] = lambda: None
        self.after_charge: Callable[[], None] = lambda: None

    def charge(
        self, *, order_id: str, amount: Money, payment_method: str, key: str
    ) -> PaymentOutcome:
        """Capture the amount."""
        self.before_charge()
        outcome = super().charge(
            order_id=order_id, amount=amount, payment_method=payment_method, key=key
        )
        self.after_charge()
        return outcome


def pay(http: Api, order_id: str, key: str = "pay-1", method: str = "card") -> Answer:
    """Ask for a payment of an order."""
    headers = {**CUSTOMER, "Idempotency-Key": key}
    return http.post(f"/orders/{order_id}/payment", {"payment_method": method}, headers)


def cancel(http: Api, order_id: str) -> None:
    """Cancel an order."""
    answer = http.post(f"/orders/{order_id}/cancellation", {"reason": "changed my mind"}, CUSTOMER)
    assert answer.status == 200, answer.body
