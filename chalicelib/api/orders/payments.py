"""The payment gateway; only who pays loads what speaks with it."""

from msgspec import Struct

from chalicelib.domain.money import Money
from chalicelib.infrastructure.bootstrap import Container


class Payments(Struct, frozen=True):
    """Fills the port `PaymentGateway` with the service's own gateway, wired at the first charge."""

    service: Container

    def charge(self, *, order_id: str, amount: Money, payment_method: str, key: str) -> str:
        """Capture money, as `PaymentGateway.charge`."""
        return self.service.payments.charge(
            order_id=order_id, amount=amount, payment_method=payment_method, key=key
        )
