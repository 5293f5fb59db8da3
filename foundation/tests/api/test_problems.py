"""Bad input gets a clear 4xx problem that names the field, and loses nothing."""

from typing import Any

import pytest

from carafe.api.problems import EXAMPLES, STATUSES, TITLES, Problems
from carafe.contracts.problem import ProblemType
from carafe.domain.errors import NotFound
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import StoreUnavailable
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
from chalicelib.domain.order import Order
from tests.support.callers import CUSTOMER, MERCHANT
from tests.support.orders import place_order

AN_ORDER = {"lines": [{"product_id": "p-1", "quantity": 1}], "shipping_address": AN_ADDRESS}

PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "correlation_id"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"lines": }',
        b"\xff\xfe",
        b'{"lines": NaN}',
        b'{"lines": Infinity}',
        b"[" * 100_000,
        b'{"a": "\xc3\x28"}',
        b"nonsense",
    ],
)
def test_a_body_that_is_no_json_is_refused(http: Api, body: bytes) -> None:
    answer = http.post("/orders", body)
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", ""])
def test_a_body_of_another_media_type_is_refused(http: Api, kind: str) -> None:
    answer = http.post("/orders", AN_ORDER, {**CUSTOMER, "Content-Type": kind})
    assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")


def test_a_media_type_may_have_parameters(http: Api) -> None:
    headers = {**CUSTOMER, "Content-Type": "application/json; charset=utf-8"}
    assert http.post("/orders", {}, headers).status == 422


@pytest.mark.parametrize("body", [b"[]", b'"order"', b"1", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(http: Api, body: bytes) -> None:
    answer = http.post("/orders", body)
    assert (answer.status, answer.pointers) == (422, {""})


def test_a_huge_body_is_refused(http: Api) -> None:
    answer = http.post("/orders", {**AN_ORDER, "note": "x" * 200_000})
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"lines": None}, {"/lines"}),
        ({"lines": "two"}, {"/lines"}),
        ({"lines": [{"product_id": "p-1"}]}, {"/lines/0/quantity"}),
        ({"lines": [{"quantity": 1}]}, {"/lines/0/product_id"}),
        ({"lines": [{"product_id": "p-1", "quantity": -1}]}, {"/lines/0/quantity"}),
        ({"lines": [{"product_id": {"$ne": ""}, "quantity": 1}]}, {"/lines/0/product_id"}),
        ({"shipping_address": "Leipzig"}, {"/shipping_address"}),
        ({"shipping_address": {}}, {f"/shipping_address/{part}" for part in AN_ADDRESS}),
        ({"shipping_address": {**AN_ADDRESS, "zip": "1"}}, {"/shipping_address/zip"}),
        (
            {"shipping_address": {**AN_ADDRESS, "city": "x" * 101}},
            {"/shipping_address/city"},
        ),
        ({"version": 3, "pending": [], "__proto__": {}}, {"/version", "/pending", "/__proto__"}),
        ({"id": "mine"}, {"/id"}),
        ({"customer_id": "somebody else"}, {"/customer_id"}),
    ],
)
def test_every_wrong_field_is_named(
    http: Api, change: dict[str, object], pointers: set[str]
) -> None:
    answer = http.post("/orders", {**AN_ORDER, **change})
    assert (answer.status, answer.pointers) == (422, pointers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert PROBLEM_FIELDS - {"type"} <= answer.body.keys()


def test_an_id_in_the_body_does_not_overrule_the_path(http: Api) -> None:
    order_id = place_order(http)
    answer = http.post(f"/orders/{order_id}/cancellation", {"id": "another", "reason": "x"})
    assert (answer.status, answer.pointers) == (422, {"/id"})


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=ten", "status=lost", "cursor=%24ne", "sort=id"]
)
def test_a_wrong_parameter_is_named(http: Api, query: str) -> None:
    answer = http.get(f"/orders?{query}")
    assert (answer.status, answer.pointers) == (422, {"/" + query.partition("=")[0]})


@pytest.mark.parametrize(
    ("price", "pointer"),
    [
        ({"amount": 12.5, "currency": "EUR"}, "/price/amount"),
        ({"amount": "12.505", "currency": "EUR"}, "/price/amount"),
        ({"amount": "-1", "currency": "EUR"}, "/price/amount"),
        ({"amount": "1e3", "currency": "EUR"}, "/price/amount"),
        ({"amount": "1", "currency": "Euro"}, "/price/currency"),
        ({"amount": "0", "currency": "EUR"}, "/price"),
    ],
)
def test_a_wrong_price_is_named(http: Api, price: object, pointer: str) -> None:
    answer = http.post("/products", {"sku": "A", "name": "B", "price": price}, MERCHANT)
    assert (answer.status, answer.pointers) == (422, {pointer})


def test_a_correlation_id_comes_back(http: Api) -> None:
    answer = http.get("/orders", {**CUSTOMER, "X-Correlation-Id": "shop-42"})
    assert answer.headers["x-correlation-id"] == "shop-42"
    problem = http.get("/orders/missing", {**CUSTOMER, "X-Correlation-Id": "no good\n"})
    assert problem.headers["x-correlation-id"] == problem.body["correlation_id"]
    assert problem.body["correlation_id"] != "no good\n"


def test_a_malformed_idempotency_key_is_refused(http: Api) -> None:
    headers = {**CUSTOMER, "Idempotency-Key": "k" * 256}
    answer = http.post("/orders", {**AN_ORDER}, headers)
    assert (answer.status, answer.body["code"]) == (400, "malformed_idempotency_key")


def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    http: Api, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(_identifier: str) -> None:
        raise StoreUnavailable("The database did not answer in time; try again.")

    monkeypatch.setattr(service.repository(Order), "get", unavailable)
    answer = http.get("/orders/o-1")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


def test_a_document_of_newer_code_is_a_503_too_and_stays_as_it_is(
    http: Api, service: Container[Any]
) -> None:
    """F64: the function of the newer version answers the next attempt."""
    order_id = place_order(http)
    orders = service.database["orders"]
    orders.update_one({"_id": order_id}, {"$set": {"schema_version": 99}})
    before = orders.find_one({"_id": order_id})
    reading = http.get(f"/orders/{order_id}")
    changing = http.post(f"/orders/{order_id}/cancellation", {"reason": "x"})
    for answer in (reading, changing):
        assert (answer.status, answer.body["code"]) == (503, "document_too_new")
        assert answer.headers["retry-after"] == "5"
    assert orders.find_one({"_id": order_id}) == before


def test_an_unforeseen_failure_tells_nothing_of_the_inside(
    http: Api,
    service: Container[Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    message = "secret of maria".upper()

    def fail(_identifier: str) -> None:
        raise ZeroDivisionError(message)

    monkeypatch.setattr(service.repository(Order), "get", fail)
    answer = http.get("/orders/o-1")
    assert (answer.status, answer.body["code"]) == (500, "internal_error")
    assert message not in str(answer.body)
    assert message not in caplog.text
    assert "unforeseen error" in caplog.text  # with its ids, as test_logs.py shows


def test_a_known_error_is_known_when_it_comes_wrapped() -> None:
    wrapper = RuntimeError("wrapped")
    wrapper.__cause__ = NotFound("order", "o-1")
    assert Problems().of(wrapper, "c-1").status == 404


def test_every_status_has_a_title_and_an_example() -> None:
    assert set(STATUSES.values()) <= TITLES.keys() & EXAMPLES.keys()


class TooLate(Exception):
    """An error that a service declares as its own."""

    code = "too_late"


class MuchTooLate(TooLate):
    """A kind of it."""


def test_a_service_says_how_its_own_errors_are_answered() -> None:
    own = ProblemType(TooLate, status=410, title="It is over", example="Come back tomorrow.")
    for error in (TooLate("Come back."), MuchTooLate("Come back.")):
        problem = Problems([own]).of(error, "c-1")
        assert (problem.status, problem.title) == (410, "It is over")
        assert (problem.code, problem.detail) == ("too_late", "Come back.")
        assert Problems().of(error, "c-1").status == 500
