"""The payment gateway, against the provider that `make run` starts."""

from secrets import token_hex

import pytest
from carafe.client.limits import Limits
from carafe.development.servers.stack import Stack
from carafe.infrastructure.errors import ServiceUnavailable
from carafe.infrastructure.external_services.http_client import HttpClient

from chalicelib.domain.payments import PaymentDeclined
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


def charge(gateway: HttpPaymentGateway, order_id: str, key: str = "k", method: str = "card") -> str:
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
    with pytest.raises(PaymentDeclined, match="try another payment method"):
        charge(gateway, order_id, method="declined")
    assert payments.captured(order_id) == []


@pytest.mark.parametrize("method", ["slow", "server_error", "garbage", "half_answer", "refused"])
def test_an_answer_that_says_nothing_is_a_fault(
    gateway: HttpPaymentGateway, order_id: str, method: str
) -> None:
    with pytest.raises(ServiceUnavailable, match="payment service"):
        charge(gateway, order_id, method=method)
