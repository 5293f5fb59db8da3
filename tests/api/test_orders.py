"""Orders over HTTP, on real servers."""

from collections.abc import Mapping

import pytest
from carafe.infrastructure.container import Container
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api

from chalicelib.infrastructure.settings import Settings
from tests.support.callers import CUSTOMER, MERCHANT, OPERATOR, STRANGER
from tests.support.orders import place_order
from tests.support.payments import Payments
from tests.support.products import register_product

SHIPMENT = {"carrier": "DHL", "tracking_code": "JD01"}


def test_an_order_is_placed_at_catalogue_prices(http: Api) -> None:
    product_id = register_product(http, price="24.90")
    body = {
        "lines": [{"product_id": product_id, "quantity": 3}],
        "shipping_address": AN_ADDRESS,
    }
    placed = http.post("/orders", body)
    assert placed.status == 201
    assert placed.body == {"id": placed.body["id"], "version": 1}
    assert placed.headers["location"] == f"/orders/{placed.body['id']}"
    assert placed.headers["etag"] == '"1"'
    found = http.get(f"/orders/{placed.body['id']}")
    assert found.status == 200
    assert found.body["customer_id"] == "maria"
    assert found.body["status"] == "placed"
    assert found.body["total"] == {"amount": "74.70", "currency": "EUR"}
    assert found.body["shipping_address"] == AN_ADDRESS
    assert found.body["lines"] == [
        {
            "product_id": product_id,
            "name": "Carafe, 1 l",
            "quantity": 3,
            "unit_price": {"amount": "24.90", "currency": "EUR"},
        }
    ]


def test_an_order_goes_its_whole_way(http: Api) -> None:
    order = f"/orders/{place_order(http)}"
    address = {**AN_ADDRESS, "street": "Ahornweg 3"}
    steps: list[tuple[str, str, object, Mapping[str, str], int]] = [
        ("PUT", "/shipping-address", {"shipping_address": address}, CUSTOMER, 2),
        ("POST", "/payment", {}, CUSTOMER, 4),  # an attempt, and its outcome
        ("POST", "/shipment", SHIPMENT, OPERATOR, 5),
        ("POST", "/delivery", None, OPERATOR, 6),
    ]
    for method, path, body, headers, version in steps:
        answer = http.call(method, order + path, body, headers)
        assert (answer.status, answer.body["version"]) == (200, version), answer.body
    found = http.get(order).body
    assert (found["status"], found["version"]) == ("delivered", 6)
    assert found["shipping_address"]["street"] == "Ahornweg 3"
    assert found["shipment"] == SHIPMENT
    assert found["payment_reference"]


def test_the_payment_is_captured_once_and_for_the_total(
    http: Api, service: Container[Settings]
) -> None:
    order_id = place_order(http)
    key = {**CUSTOMER, "Idempotency-Key": "pay-once"}
    first = http.post(f"/orders/{order_id}/payment", {}, key)
    again = http.post(f"/orders/{order_id}/payment", {}, key)
    assert (first.status, again.body) == (200, first.body)
    payments = Payments(service.settings.payments_url)
    assert payments.captured(order_id) == [{"amount": "49.80", "currency": "EUR"}]


def test_a_declined_payment_leaves_the_order_as_it_was(http: Api) -> None:
    order = f"/orders/{place_order(http)}"
    declined = http.post(f"{order}/payment", {"payment_method": "declined"})
    assert (declined.status, declined.body["code"]) == (402, "payment_declined")
    assert http.get(order).body["status"] == "placed"
    assert http.post(f"{order}/payment").status == 200


def test_a_cancelled_order_says_why(http: Api) -> None:
    order = f"/orders/{place_order(http)}"
    assert http.post(f"{order}/cancellation", {"reason": "no longer needed"}).status == 200
    found = http.get(order).body
    assert (found["status"], found["cancellation_reason"]) == ("cancelled", "no longer needed")


def test_a_repeat_with_the_same_key_gets_the_first_answer(http: Api) -> None:
    body: dict[str, object] = {
        "lines": [{"product_id": register_product(http), "quantity": 1}],
        "shipping_address": AN_ADDRESS,
    }
    key = {**CUSTOMER, "Idempotency-Key": "order-1"}
    first = http.post("/orders", body, key)
    assert http.post("/orders", body, key).body == first.body
    other = http.post("/orders", {**body, "shipping_address": {**AN_ADDRESS, "city": "Halle"}}, key)
    assert (other.status, other.body["code"]) == (422, "command_mismatch")
    assert http.post("/orders", body, {**STRANGER, "Idempotency-Key": "order-1"}).body != first.body


# What the rules refuse


@pytest.mark.parametrize(
    ("path", "body", "headers", "code"),
    [
        ("/shipment", SHIPMENT, OPERATOR, "order_cannot_become_shipped"),
        ("/delivery", {}, OPERATOR, "order_cannot_become_delivered"),
    ],
)
def test_a_broken_rule_is_a_conflict(
    http: Api, path: str, body: object, headers: Mapping[str, str], code: str
) -> None:
    answer = http.post(f"/orders/{place_order(http)}{path}", body, headers)
    assert (answer.status, answer.body["code"]) == (409, code)
    assert "this order is placed" in answer.body["detail"]


# Who may see and do what


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PUT", "/shipping-address", {"shipping_address": AN_ADDRESS}),
        ("POST", "/payment", {}),
        ("POST", "/cancellation", {"reason": "mischief"}),
    ],
)
def test_a_foreign_order_and_a_missing_one_look_the_same(
    http: Api, method: str, path: str, body: object
) -> None:
    foreign_id, missing_id = place_order(http), "0" * 36
    foreign = http.call(method, f"/orders/{foreign_id}{path}", body, STRANGER)
    missing = http.call(method, f"/orders/{missing_id}{path}", body, STRANGER)
    assert foreign.status == missing.status == 404
    for answer, identifier in ((foreign, foreign_id), (missing, missing_id)):
        answer.body["detail"] = answer.body["detail"].replace(identifier, "ID")
        del answer.body["correlation_id"]
    assert foreign.body == missing.body


def test_a_customer_lists_its_own_orders_and_operators_everybodys(http: Api) -> None:
    product_id = register_product(http)
    mine = [place_order(http, product_id) for _ in range(3)]
    first = http.get("/orders?limit=2").body
    rest = http.get(f"/orders?limit=2&cursor={first['next_cursor']}").body
    assert [each["id"] for each in first["items"] + rest["items"]] == mine[::-1]
    assert rest["next_cursor"] is None
    assert http.get("/orders", STRANGER).body["items"] == []
    assert len(http.get("/orders", OPERATOR).body["items"]) == 3
    assert http.get("/orders?status=paid").body["items"] == []


@pytest.mark.parametrize(("path", "body"), [("/shipment", SHIPMENT), ("/delivery", {})])
def test_only_operators_ship_and_deliver(http: Api, path: str, body: object) -> None:
    answer = http.post(f"/orders/{place_order(http)}{path}", body)
    assert (answer.status, answer.body["code"]) == (403, "scope_missing")


def test_a_merchant_cannot_order(http: Api) -> None:
    assert http.post("/orders", {}, MERCHANT).status == 403
    assert http.get("/orders", MERCHANT).status == 403
