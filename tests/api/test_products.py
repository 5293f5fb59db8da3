"""The catalogue over HTTP, on real servers."""

import pytest
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api

from tests.support.callers import CUSTOMER, MERCHANT
from tests.support.products import register_product


def test_a_product_is_registered_changed_and_discontinued(http: Api) -> None:
    product_id = register_product(http, price="24.90")
    found = http.get(f"/products/{product_id}")
    assert found.body == {
        "id": product_id,
        "version": 1,
        "sku": "CARAFE-1L",
        "name": "Carafe, 1 l",
        "price": {"amount": "24.90", "currency": "EUR"},
    }
    price = {"price": {"amount": "19.90", "currency": "EUR"}}
    assert http.put(f"/products/{product_id}/price", price, MERCHANT).body["version"] == 2
    assert http.get(f"/products/{product_id}").body["price"]["amount"] == "19.90"
    assert http.delete(f"/products/{product_id}", MERCHANT).body == {"id": product_id, "version": 3}
    assert http.get(f"/products/{product_id}").status == 404
    assert http.get("/products").body == {"items": [], "next_cursor": None}


def test_a_repeated_discontinuation_is_answered_as_the_first(http: Api) -> None:
    product_id = register_product(http)
    key = {**MERCHANT, "Idempotency-Key": "stop-1"}
    first = http.delete(f"/products/{product_id}", key)
    assert http.delete(f"/products/{product_id}", key).body == first.body
    assert http.delete(f"/products/{product_id}", MERCHANT).status == 404


def test_a_sku_is_taken_only_once(http: Api) -> None:
    register_product(http, sku="CARAFE-1L")
    body = {"sku": "CARAFE-1L", "name": "Copy", "price": {"amount": "1", "currency": "EUR"}}
    answer = http.post("/products", body, MERCHANT)
    assert (answer.status, answer.body["code"]) == (409, "product_already_exists")
    assert "sku" in answer.body["detail"]


def test_pages_go_through_the_catalogue_by_sku(http: Api) -> None:
    for number in (3, 1, 2):
        register_product(http, sku=f"CARAFE-{number}")
    first = http.get("/products?limit=2").body
    rest = http.get(f"/products?limit=2&cursor={first['next_cursor']}").body
    assert [each["sku"] for each in first["items"]] == ["CARAFE-1", "CARAFE-2"]
    assert [each["sku"] for each in rest["items"]] == ["CARAFE-3"]
    assert rest["next_cursor"] is None


def test_a_discontinued_product_cannot_be_ordered(http: Api) -> None:
    product_id = register_product(http)
    http.delete(f"/products/{product_id}", MERCHANT)
    line = {"product_id": product_id, "quantity": 1}
    answer = http.post("/orders", {"lines": [line], "shipping_address": AN_ADDRESS})
    assert (answer.status, answer.pointers) == (422, {"/lines/0/product_id"})


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_missing_product_is_not_found(http: Api, method: str) -> None:
    path = "/products/missing" + ("/price" if method == "PUT" else "")
    body = {"price": {"amount": "1", "currency": "EUR"}} if method == "PUT" else None
    answer = http.call(method, path, body, MERCHANT)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_customers_do_not_keep_the_catalogue(http: Api) -> None:
    body = {"sku": "A", "name": "B", "price": {"amount": "1", "currency": "EUR"}}
    assert http.post("/products", body, CUSTOMER).status == 403
