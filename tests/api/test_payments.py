"""Payments through a provider that goes wrong: a real one, on demand (F51)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from carafe.client.limits import Limits
from carafe.infrastructure.container import Container
from carafe.infrastructure.external_services.http_client import HttpClient
from carafe.testing.description import Answer
from carafe.testing.http import Api
from carafe.testing.scripted_server import ScriptedServer, respond

from chalicelib.infrastructure.external_services import payment_gateway
from chalicelib.infrastructure.external_services.payment_gateway import HttpPaymentGateway
from chalicelib.infrastructure.settings import Settings
from local.servers import PaymentService
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order
from tests.support.payments import Payments
from tests.support.products import register_product

ATTEMPTS = 2
LIMITS = Limits(answer_seconds=1, attempts=ATTEMPTS)

FAULTS = ["slow", "server_error", "garbage", "half_answer", "refused"]
TOTAL = {"amount": "49.80", "currency": "EUR"}


Use = Callable[[str], None]
"""Lets the service pay at an address, with little patience."""


@pytest.fixture
def use(service: Container[Settings], monkeypatch: pytest.MonkeyPatch) -> Use:
    """The gateway is made with the first payment, wherever it is by then."""
    del service  # made before, so that nothing has been paid

    def at(url: str) -> None:
        client = HttpClient(url, "payment service", LIMITS)
        monkeypatch.setattr(
            payment_gateway, "payment_gateway", lambda _: HttpPaymentGateway(client)
        )

    return at


@pytest.fixture
def payments(service: Container[Settings], use: Use) -> Payments:
    use(service.settings.payments_url)
    return Payments(service.settings.payments_url)


def pay(http: Api, order_id: str, key: str = "pay-1", method: str = "card") -> Answer:
    headers = {**CUSTOMER, "Idempotency-Key": key}
    return http.post(f"/orders/{order_id}/payment", {"payment_method": method}, headers)


def status_of(http: Api, order_id: str) -> str:
    return str(http.get(f"/orders/{order_id}").body["status"])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_provider_that_passes_is_unseen(
    http: Api, payments: Payments, fault: str
) -> None:
    order_id = place_order(http)
    payments.fail(fault, ATTEMPTS - 1, order_id)
    assert pay(http, order_id).status == 200
    assert status_of(http, order_id) == "paid"
    assert payments.captured(order_id) == [TOTAL]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_told_and_a_repeat_completes_the_payment(
    http: Api, payments: Payments, fault: str
) -> None:
    order_id = place_order(http)
    payments.fail(fault, ATTEMPTS, order_id)
    refused = pay(http, order_id)
    assert (refused.status, refused.body["code"]) == (502, "service_unavailable")
    assert refused.body["detail"].startswith("The payment service failed (")
    assert "127.0.0.1" not in str(refused.body)
    assert status_of(http, order_id) == "placed"
    assert len(payments.captured(order_id)) == (0 if fault == "refused" else 1)
    completed = pay(http, order_id)
    assert (completed.status, completed.body["version"]) == (200, 3)
    assert status_of(http, order_id) == "paid"
    assert payments.captured(order_id) == [TOTAL]


@pytest.mark.parametrize("method", ["server_error", "garbage", "half_answer", "refused"])
def test_a_payment_method_that_always_goes_wrong_leaves_the_order_as_it_was(
    http: Api, payments: Payments, method: str
) -> None:
    del payments
    order_id = place_order(http)
    assert pay(http, order_id, method=method).status == 502
    assert pay(http, order_id, method=method).status == 502
    assert status_of(http, order_id) == "placed"


def test_a_card_that_is_declined_is_an_answer(http: Api, payments: Payments) -> None:
    order_id = place_order(http)
    for key in ("first", "first", "second"):
        declined = pay(http, order_id, key, "declined")
        assert (declined.status, declined.body["code"]) == (402, "payment_declined")
    assert status_of(http, order_id) == "placed"
    assert payments.captured(order_id) == []
    assert pay(http, order_id, "third").status == 200


def test_a_key_used_again_for_another_order_pays_that_one_too(
    http: Api, payments: Payments
) -> None:
    product_id = register_product(http)
    for order_id in (place_order(http, product_id), place_order(http, product_id)):
        assert pay(http, order_id).status == 200
        assert payments.captured(order_id) == [TOTAL]


def test_many_declined_cards_open_no_circuit(http: Api, payments: Payments) -> None:
    order_id = place_order(http)
    for position in range(8):
        assert pay(http, order_id, f"key-{position}", "declined").status == 402
    assert pay(http, order_id).status == 200
    assert payments.captured(order_id) == [TOTAL]


@pytest.fixture
def own_payments(tmp_path: Path) -> Iterator[PaymentService]:
    """A payment service that this test alone starts and stops."""
    server = PaymentService(tmp_path)
    yield server
    server.stop()


def test_a_provider_that_is_down_is_told_and_paid_when_it_is_back(
    http: Api, use: Use, own_payments: PaymentService
) -> None:
    use(own_payments.url)
    order_id = place_order(http)
    refused = pay(http, order_id)
    assert (refused.status, refused.body["code"]) == (502, "service_unavailable")
    assert "it cannot be reached" in refused.body["detail"]
    assert str(own_payments.port) not in str(refused.body)
    assert status_of(http, order_id) == "placed"
    own_payments.start()
    assert pay(http, order_id).status == 200
    assert Payments(own_payments.url).captured(order_id) == [TOTAL]


# What goes over the wire


def test_the_provider_learns_what_the_charge_follows_from(http: Api, use: Use) -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    order_id = place_order(http)
    captured = respond({"id": "charge-1", "status": "captured"}, 201)
    with ScriptedServer(respond({}, 503), captured) as provider:
        use(provider.url)
        headers = {**CUSTOMER, "X-Correlation-Id": "request-7", "traceparent": traceparent}
        assert http.post(f"/orders/{order_id}/payment", {}, headers).status == 200
    first, second = provider.requests
    assert first == second
    assert first.headers["x-correlation-id"] == "request-7"
    assert first.headers["traceparent"] == traceparent
    assert first.headers["idempotency-key"]
    assert first.json == {"reference": order_id, **TOTAL, "payment_method": "card"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"id": "charge-1", "status": "captured"}),
        (201, {"id": "charge-1", "status": "pending"}),
        (201, {"id": 7, "status": "captured"}),
        (201, {"status": "captured"}),
        (201, []),
        (201, None),
        (402, {"error": "quota exceeded"}),
        (402, b""),
        (404, {}),
        (422, {"status": "error"}),
    ],
)
def test_an_answer_that_is_none_of_a_provider_pays_nothing(
    http: Api, use: Use, status: int, body: object
) -> None:
    order_id = place_order(http)
    with ScriptedServer(respond(body, status)) as provider:
        use(provider.url)
        answer = pay(http, order_id)
        assert provider.requests
    assert (answer.status, answer.body["code"]) == (502, "service_unavailable")
    assert status_of(http, order_id) == "placed"
