"""The domain's port for payments, filled by an HTTP service."""

from chalicelib.domain.money import Money
from chalicelib.domain.payments import PaymentDeclined
from chalicelib.infrastructure.errors import ServiceUnavailable

from .http_client import HttpClient

CAPTURED = 201
DECLINED = 402


class HttpPaymentGateway:
    """Captures money through the payment service; fills the port `PaymentGateway`.

    Args:
        client: speaks with the payment service.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def charge(self, *, order_id: str, amount: Money, payment_method: str, key: str) -> str:
        """Capture the amount, as `PaymentGateway.charge`.

        Raises:
            PaymentDeclined: the bank said no.
            ServiceUnavailable: the payment service gave no sensible answer.
        """
        body = {
            "reference": order_id,
            "amount": str(amount.amount),
            "currency": amount.currency,
            "payment_method": payment_method,
        }
        status, answer = self._client.post("/charges", body, {"Idempotency-Key": key})
        if status == DECLINED:
            raise PaymentDeclined("The payment was declined; try another payment method.")
        if status != CAPTURED or not isinstance(answer, dict) or "id" not in answer:
            raise ServiceUnavailable(f"The payment service answered {status}; nothing was paid.")
        return str(answer["id"])
