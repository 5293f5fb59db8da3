"""The domain's port for payments, filled by an HTTP service."""

from collections.abc import Mapping
from typing import Literal

from carafe.domain.money import Money
from carafe.infrastructure.external_services.http_client import HttpClient
from msgspec import Struct

from chalicelib.domain.payments import (
    Captured,
    Declined,
    PaymentGateway,
    PaymentOutcome,
    RefundRefused,
    Voided,
)
from chalicelib.infrastructure.settings import Settings


class CapturedAnswer(Struct, frozen=True):
    """The money is there; `id` is the gateway's reference."""

    id: str
    status: Literal["captured"]


class DeclinedAnswer(Struct, frozen=True):
    """The bank said no."""

    status: Literal["declined"]


class VoidedAnswer(Struct, frozen=True):
    """No charge with this key is accepted any more."""

    status: Literal["voided"]


class RefundedAnswer(Struct, frozen=True):
    """The money is on its way back."""

    id: str
    status: Literal["refunded"]


class Missing(Struct, frozen=True):
    """There is no such charge."""

    code: Literal["no_such_charge"]


OutcomeAnswer = CapturedAnswer | DeclinedAnswer | VoidedAnswer

# A charge with a voided key is a conflict; a void answers 200, or what the charge was answered.
OUTCOMES: Mapping[int, type[OutcomeAnswer]] = {
    200: VoidedAnswer,
    201: CapturedAnswer,
    402: DeclinedAnswer,
    409: VoidedAnswer,
}
REFUNDS: Mapping[int, type[RefundedAnswer | Missing]] = {201: RefundedAnswer, 404: Missing}


class HttpPaymentGateway:
    """Captures money through the payment service; fills the port `PaymentGateway`.

    Every method raises ServiceUnavailable when the payment service gives no sensible answer. What
    it did is unknown then, and a repeat finds out.

    Args:
        client: speaks with the payment service.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def charge(
        self, *, order_id: str, amount: Money, payment_method: str, key: str
    ) -> PaymentOutcome:
        """Capture the amount, as `PaymentGateway.charge`."""
        body = {
            "reference": order_id,
            "amount": str(amount.amount),
            "currency": amount.currency,
            "payment_method": payment_method,
        }
        provider_key = _provider_key(order_id, key)
        answer = self._client.send(
            "POST", "/charges", OUTCOMES, body=body, idempotency_key=provider_key
        )
        return _outcome_of(answer)

    def void(self, *, order_id: str, key: str) -> PaymentOutcome:
        """Return what became of a charge, as `PaymentGateway.void`."""
        provider_key = _provider_key(order_id, key)
        body = {"reference": order_id, "key": provider_key}
        answer = self._client.send(
            "POST", "/voids", OUTCOMES, body=body, idempotency_key=provider_key
        )
        return _outcome_of(answer)

    def refund(self, *, order_id: str, reference: str) -> None:
        """Give a payment back, as `PaymentGateway.refund`."""
        answer = self._client.send(
            "POST",
            "/refunds",
            REFUNDS,
            body={"charge": reference},
            idempotency_key=_provider_key(order_id, reference),
        )
        if isinstance(answer, Missing):
            raise RefundRefused(
                "The payment service knows no such payment; find out where the money came from."
            )


def _provider_key(order_id: str, key: str) -> str:
    """Return a key of this order's alone: a caller may use one key for two orders."""
    return f"{order_id}:{key}"


def _outcome_of(answer: OutcomeAnswer) -> PaymentOutcome:
    match answer:
        case CapturedAnswer(id=reference):
            return Captured(reference=reference)
        case DeclinedAnswer():
            return Declined()
        case VoidedAnswer():
            return Voided()


def payment_gateway(settings: Settings) -> PaymentGateway:
    """Return the gateway where the settings say."""
    return HttpPaymentGateway(HttpClient(settings.payments_url, "payment service"))
