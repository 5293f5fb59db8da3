"""The domain's port for payments, filled by an HTTP service."""

from collections.abc import Mapping
from typing import Literal

from carafe.domain.money import Money
from carafe.infrastructure.external_services.http_client import HttpClient
from msgspec import Struct

from chalicelib.domain.payments import PaymentDeclined, PaymentGateway
from chalicelib.infrastructure.settings import Settings


class Captured(Struct, frozen=True):
    """The money is there; `id` is the gateway's reference."""

    id: str
    status: Literal["captured"]


class Declined(Struct, frozen=True):
    """The bank said no."""

    status: Literal["declined"]


ANSWERS: Mapping[int, type[Captured | Declined]] = {201: Captured, 402: Declined}


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
            ServiceUnavailable: the payment service gave no sensible answer; whether money
                was captured is unknown, and a repeat with the same key finds out.
        """
        body = {
            "reference": order_id,
            "amount": str(amount.amount),
            "currency": amount.currency,
            "payment_method": payment_method,
        }
        # A caller may use one key for two orders; to the provider they are two charges.
        own_key = f"{order_id}.{key}"
        answer = self._client.send("POST", "/charges", ANSWERS, body=body, idempotency_key=own_key)
        if isinstance(answer, Declined):
            raise PaymentDeclined("The payment was declined; try another payment method.")
        return answer.id


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Return the gateway where the settings say."""
    return HttpPaymentGateway(HttpClient(settings.payments_url, "payment service"))
