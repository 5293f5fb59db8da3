"""The payment gateway, against the provider that `make run` starts."""

from secrets import token_hex

import pytest
from carafe.client.limits import Limits
from carafe.development.servers.stack import Stack
from carafe.infrastructure.errors import ServiceUnavailable
from carafe.infrastructure.external_services.http_client import HttpClient

from chalicelib.domain.payments import (
    Captured,
    Declined,
    PaymentOutcome,
    RefundRefused,
    Voided,
)
from chalicelib.infrastructure.external_services.payment_gateway import HttpPaymentGateway
from tests.support.payments import Payments
from tests.support.products import euros


@pytest.fixture
def payments(stack: Stack) -> Payments:
    """What the provider has captured."""
    return Payments(stack.environment["PAYMENTS_URL"])


@pytest.fixture
def gateway(stack: Stack) -> HttpPaymentGateway:
    """The gateway, which soon gives up."""
    limits = Limits(answer_seconds=1, attempts=1)
    return HttpPaymentGateway(
        HttpClient(stack.environment["PAYMENTS_URL"], "payment service", limits)
    )


@pytest.fixture
def order_id() -> str:
    """An order that nobody else pays."""
    return f"order-{token_hex(4)}"


def charge(
    gateway: HttpPaymentGateway, order_id: str, key: str = "k", method: str = "card"
) -> PaymentOutcome:
    return gateway.charge(order_id=order_id, amount=euros("12.50"), payment_method=method, key=key)


def test_an_amount_is_captured_once_for_each_key(
    gateway: HttpPaymentGateway, payments: Payments, order_id: str
) -> None:
    first = charge(gateway, order_id)
    assert charge(gateway, order_id) == first
    assert payments.captured(order_id) == [{"amount": "12.50", "currency": "EUR"}]
    assert charge(gateway, order_id, key="another") != first


def test_one_key_for_two_orders_is_two_charges(
    gateway: HttpPaymentGateway, payments: Payments, order_id: str
) -> None:
    other = f"{order_id}-2"
    assert charge(gateway, order_id) != charge(gateway, other)
    assert len(payments.captured(order_id)) == len(payments.captured(other)) == 1


def test_a_bank_that_declines_is_an_answer(
    gateway: HttpPaymentGateway, payments: Payments, order_id: str
) -> None:
    assert charge(gateway, order_id, method="declined") == Declined()
    assert gateway.void(order_id=order_id, key="k") == Declined()
    assert payments.captured(order_id) == []


def test_a_void_tells_what_was_captured(gateway: HttpPaymentGateway, order_id: str) -> None:
    captured = charge(gateway, order_id)
    assert isinstance(captured, Captured)
    assert gateway.void(order_id=order_id, key="k") == captured
    assert charge(gateway, order_id) == captured


def test_a_charge_that_comes_after_its_void_captures_nothing(
    gateway: HttpPaymentGateway, payments: Payments, order_id: str
) -> None:
    for _ in range(2):
        assert gateway.void(order_id=order_id, key="k") == Voided()
    assert charge(gateway, order_id) == Voided()
    assert payments.captured(order_id) == []
    assert isinstance(charge(gateway, order_id, key="another"), Captured)


def test_a_payment_is_given_back_once(
    gateway: HttpPaymentGateway, payments: Payments, order_id: str
) -> None:
    captured = charge(gateway, order_id)
    assert isinstance(captured, Captured)
    for _ in range(2):
        gateway.refund(order_id=order_id, reference=captured.reference)
    (refund,) = payments.listed("refunds", order_id)
    assert (refund["charge"], refund["amount"]) == (captured.reference, "12.50")


def test_a_payment_that_the_provider_does_not_know_is_not_given_back(
    gateway: HttpPaymentGateway, order_id: str
) -> None:
    with pytest.raises(RefundRefused, match="knows no such payment"):
        gateway.refund(order_id=order_id, reference="from elsewhere")


@pytest.mark.parametrize("method", ["slow", "server_error", "garbage", "half_answer", "refused"])
def test_an_answer_that_says_nothing_is_a_fault(
    gateway: HttpPaymentGateway, order_id: str, method: str
) -> None:
    with pytest.raises(ServiceUnavailable, match="payment service"):
        charge(gateway, order_id, method=method)
