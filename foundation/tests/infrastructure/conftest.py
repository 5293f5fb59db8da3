"""What tests of the infrastructure start from: both event buses, a broker, an order."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carafe.development.servers.tls import write_certificate
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import EventBus
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker
from chalicelib.domain.order import Order
from tests.support.orders import an_order


@pytest.fixture(params=["base", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> Iterator[EventBus]:
    """The bus that EVENT_BUS_TYPE chooses."""
    chosen: EventBus
    if request.param == "base":
        chosen = MemoryBus()
    else:
        service: Container[Any] = request.getfixturevalue("service")
        chosen = service.bus
    yield chosen
    chosen.close()


@pytest.fixture
def broker(service: Container[Any]) -> Broker:
    """The queues of the service."""
    return Broker(service)


@pytest.fixture
def order_id(service: Container[Any]) -> str:
    """The id of an order that waits for its payment."""
    order = an_order()
    service.repository(Order).add(order, a_context())
    return order.id


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that this process trusts."""
    trusted = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)
    return context


@pytest.fixture
def with_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the functions the context that Lambda gives, with ten seconds left."""
    monkeypatch.setattr(
        "chalice.test.LambdaContext.get_remaining_time_in_millis",
        lambda _context: 10_000,
    )
