"""Real servers for every test that asks for them, and a service of its own for each."""

from collections.abc import Iterator, Mapping

import pytest
from carafe.development.event_sources import QueueTrigger
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.testing.http import Api
from carafe.testing.sqs import Sqs
from carafe.testing.timers import Timers

from chalicelib.domain.fulfilment import Fulfilment
from chalicelib.domain.order import Order
from chalicelib.infrastructure.external_services import payment_gateway
from chalicelib.infrastructure.settings import Settings
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order
from tests.support.paying import CurrentOrder, Gateway
from tests.support.payments import Payments
from tests.support.sales import Sale
from tests.support.shipping import Shipping
from tests.support.traffic import Traffic

pytest_plugins = ["carafe.testing.plugin"]


@pytest.fixture
def caller() -> Mapping[str, str]:
    """Who calls the API where a test names nobody else: a customer."""
    return CUSTOMER


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


@pytest.fixture
def shipping(stack: Stack) -> Iterator[Shipping]:
    """The shipping service."""
    shipping = Shipping(stack.environment["SHIPPING_URL"])
    yield shipping
    shipping.forget_faults()


@pytest.fixture
def traffic(service: Container[Settings], sqs: Sqs, command_queue: QueueTrigger) -> Traffic:
    """The messages of the service."""
    return Traffic(service, sqs, command_queue)


@pytest.fixture
def sale(
    service: Container[Settings], http: Api, payments: Payments, order: CurrentOrder, timers: Timers
) -> Sale:
    """An order that was just placed."""
    return Sale(order, service.repository(Fulfilment), http, payments, timers)
