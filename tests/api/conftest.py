"""What tests of payments need: a gateway to interfere with, its provider, and an order."""

from collections.abc import Iterator

import pytest
from carafe.infrastructure.container import Container
from carafe.testing.http import Api

from chalicelib.domain.order import Order
from chalicelib.infrastructure.external_services import payment_gateway
from chalicelib.infrastructure.settings import Settings
from tests.support.orders import place_order
from tests.support.paying import CurrentOrder, Gateway
from tests.support.payments import Payments


@pytest.fixture
def gateway(service: Container[Settings], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The gateway of the service."""
    made = Gateway(service.settings.payments_url)
    monkeypatch.setattr(payment_gateway, "payment_gateway", lambda _: made)
    return made


@pytest.fixture
def payments(service: Container[Settings], gateway: Gateway) -> Iterator[Payments]:
    """The provider."""
    del gateway  # set before anything is paid
    payments = Payments(service.settings.payments_url)
    yield payments
    payments.forget_faults()


@pytest.fixture
def order_id(http: Api, payments: Payments) -> str:
    """An order that was just placed."""
    del payments  # set before anything is placed
    return place_order(http)


@pytest.fixture
def order(service: Container[Settings], order_id: str) -> CurrentOrder:
    """The order as it is stored now."""
    return lambda: service.repository(Order).get(order_id)
