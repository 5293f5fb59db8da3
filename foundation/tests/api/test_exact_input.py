"""What is nearly right is refused with 422, and with the pointer to what is wrong."""

import json
import time
from typing import Any

import pytest

from app import functions
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.testing.description import Answer
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
from carafe.testing.inbound import Broker, a_delivery
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER, MERCHANT
from tests.support.inbound import payment_captured
from tests.support.orders import place_order
from tests.support.products import register_product

A_PRODUCT = {"sku": "A", "name": "Carafe", "price": {"amount": "12.50", "currency": "EUR"}}


def pointers(answer: Answer) -> list[str]:
    """Return the pointers of a refusal's faults."""
    assert answer.status == 422, answer.body
    return [each["pointer"] for each in answer.body["errors"]]


def a_priced_product(amount: str, currency: str) -> dict[str, Any]:
    return A_PRODUCT | {"price": {"amount": amount, "currency": currency}}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        *((a_priced_product("12.50", each), "/price/amount") for each in ("RWF", "VUV", "UYI")),
        *((a_priced_product("12.50", each), "/price/currency") for each in ("XXX", "DEM", "XAU")),
        (a_priced_product("12.34567", "CLF"), "/price/amount"),
        *(({n: v for n, v in A_PRODUCT.items() if n != each}, f"/{each}") for each in A_PRODUCT),
        (a_priced_product("12.50\n", "EUR"), "/price/amount"),
        (a_priced_product("12.50", "EUR\n"), "/price/currency"),
        (A_PRODUCT | {"sku": "A\n"}, "/sku"),
        (A_PRODUCT | {"name": "Carafe\n"}, "/name"),
        (A_PRODUCT | {"name": "\u200b\u200b"}, "/name"),
        (A_PRODUCT | {"name": "\u2060\U000e0020\ufe0f"}, "/name"),
    ],
)
def test_a_product_is_refused_by_its_field(http: Api, body: dict[str, Any], pointer: str) -> None:
    assert pointers(http.post("/products", body, MERCHANT)) == [pointer]


@pytest.mark.parametrize(("amount", "exact"), [("12.5", "12.5000"), ("12.3456", "12.3456")])
def test_a_currency_with_four_digits_keeps_them(http: Api, amount: str, exact: str) -> None:
    created = http.post("/products", a_priced_product(amount, "CLF"), MERCHANT)
    assert created.status == 201, created.body
    shown = http.get(f"/products/{created.body['id']}")
    assert shown.body["price"] == {"amount": exact, "currency": "CLF"}


@pytest.mark.parametrize("path", ["/orders/abc%0A", "/products/abc%0A", "/orders/%0Aabc"])
def test_an_id_ends_with_its_last_character(http: Api, path: str) -> None:
    assert pointers(http.get(path)) == ["/id"]


def test_a_cursor_ends_with_its_last_character(http: Api) -> None:
    register_product(http)
    register_product(http, "CARAFE-2L")
    cursor = http.get("/products?limit=1").body["next_cursor"]
    assert http.get(f"/products?cursor={cursor}").status == 200
    for changed in (f"{cursor}%0A", f"{cursor[:8]}%0A{cursor[8:]}", f"{cursor}.", f"{cursor}=%3D"):
        assert pointers(http.get(f"/products?cursor={changed}")) == ["/cursor"]


def test_a_recipient_shows_something(http: Api) -> None:
    line = {"product_id": register_product(http), "quantity": 1}
    address = AN_ADDRESS | {"recipient": "\u200b\u200b\u200b"}
    answer = http.post("/orders", {"lines": [line], "shipping_address": address}, CUSTOMER)
    assert pointers(answer) == ["/shipping_address/recipient"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"sku":"A","sku":"B","name":"C","price":{"amount":"1","currency":"EUR"}}', "/sku"),
        (
            b'{"sku":"A","name":"C","price":{"amount":"9","amount":"1","currency":"EUR"}}',
            "/price/amount",
        ),
        (b'{"sku":"A","name":"C","n\\u0061me":"D"}', "/name"),
    ],
)
def test_a_repeated_key_is_refused(http: Api, body: bytes, pointer: str) -> None:
    assert pointers(http.call("POST", "/products", body, MERCHANT)) == [pointer]


def test_a_repeated_parameter_is_refused(http: Api) -> None:
    assert pointers(http.get("/products?limit=1&limit=2")) == ["/limit"]


def test_stored_money_that_is_refused_now_is_still_shown(
    http: Api, service: Container[Any]
) -> None:
    product_id = register_product(http, price="100.50")
    products = service.repository(Product).collection
    products.update_one({"_id": product_id}, {"$set": {"price.currency": "RWF"}})
    order_id = place_order(http, product_id)
    assert http.get(f"/products/{product_id}").body["price"]["currency"] == "RWF"
    order = http.get(f"/orders/{order_id}").body
    quantity = order["lines"][0]["quantity"]
    assert order["total"] == {"amount": f"{100.5 * quantity:.2f}", "currency": "RWF"}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"order_id": "abc\n"}, "/order_id: "),
        ({"payment_reference": "p-1\n"}, "/payment_reference: "),
        ({"payment_reference": "\u200b"}, "/payment_reference: "),
        # A field that is passed over is no fault.
        ({"order_id": 7, "colour": "red", "details": {}}, "/order_id: "),
    ],
)
def test_an_event_is_parked_with_its_one_fault(
    service: Container[Any], change: dict[str, Any], detail: str
) -> None:
    event = payment_captured("order-1")
    event["data"] |= change
    assert settled(a_delivery(event)) == Settled(parked=1)
    ((headers, _),) = Broker(service).parked()
    assert headers["x-parked-detail"].startswith(detail)
    assert ";" not in headers["x-parked-detail"]


def test_an_event_with_a_repeated_key_is_parked(service: Container[Any]) -> None:
    text = json.dumps(payment_captured("order-1"))
    text = text.replace('"order_id"', '"order_id": "order-2", "order_id"')
    assert settled(a_delivery(text.encode())) == Settled(parked=1)
    ((headers, _),) = Broker(service).parked()
    assert headers["x-parked-detail"] == "/data/order_id: stands more than once"


def settled(*deliveries: Any) -> Settled:  # noqa: ANN401 - the support's
    return functions.inbox().settle(deliveries, time.monotonic() + 30)
