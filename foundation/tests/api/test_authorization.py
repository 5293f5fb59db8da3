"""Who may do what: every operation, with and without a token, a scope, and the right owner."""

from collections.abc import Iterator
from typing import Any

import pytest

from carafe.infrastructure.container import Container
from carafe.testing.description import Answer
from carafe.testing.http import Api
from carafe.testing.tokens import SignedIn
from tests.support.callers import CUSTOMER, OPERATOR, STRANGER
from tests.support.database import stored_documents
from tests.support.operations import (
    BY_NAME,
    Operations,
    allowed,
    allowed_everything_else,
)
from tests.support.orders import place_order

ON_AN_ORDER = [
    name for name, each in BY_NAME.items() if each.tag == "orders" and each.path_parameters
]
BY_OPERATORS = {"ShipOrder", "DeliverOrder"}
OPEN = ["/health", "/ready", "/openapi.json", "/asyncapi.json"]


@pytest.fixture
def unchanged(operations: Operations, service: Container[Any]) -> Iterator[None]:
    """The database stays as it is while the test runs."""
    del operations  # whose order is stored before
    before = stored_documents(service)
    yield
    assert stored_documents(service) == before


def require_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.body["status"], answer.body["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-correlation-id"] == answer.body["correlation_id"]


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.usefixtures("unchanged")
def test_without_a_token_nothing_is_done(operations: Operations, name: str) -> None:
    answer = operations.call(name, {"X-Correlation-Id": "shop-42"})
    require_problem(answer, 401, "token_missing")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.body["correlation_id"] == "shop-42"


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.usefixtures("unchanged")
def test_a_name_in_a_header_is_nothing(operations: Operations, name: str) -> None:
    for headers in ({"X-Local-Caller": "maria"}, {"Authorization": "maria"}):
        assert operations.call(name, headers).status == 401


@pytest.mark.parametrize("name", [name for name, each in BY_NAME.items() if each.message.scope])
@pytest.mark.usefixtures("unchanged")
def test_without_the_scope_nothing_is_done(operations: Operations, name: str) -> None:
    answer = operations.call(name, allowed_everything_else(BY_NAME[name]))
    require_problem(answer, 403, "scope_missing")
    assert str(BY_NAME[name].message.scope) in answer.body["detail"]


@pytest.mark.parametrize("name", BY_NAME)
def test_with_the_scope_alone_it_is_done_or_against_a_rule(
    operations: Operations, name: str
) -> None:
    assert operations.call(name, allowed(BY_NAME[name])).status in {200, 201, 409}


@pytest.mark.parametrize("scope", ["orders", "orders:write:all", "ORDERS:WRITE", "*", "orders:*"])
def test_a_scope_is_the_whole_word(operations: Operations, scope: str) -> None:
    assert operations.call("PlaceOrder", SignedIn("maria", scope)).status == 403


@pytest.mark.parametrize("name", ON_AN_ORDER)
@pytest.mark.usefixtures("unchanged")
def test_another_customer_meets_a_foreign_order_as_a_missing_one(
    operations: Operations, name: str
) -> None:
    missing_id = "0" * 36
    foreign = operations.call(name, STRANGER)
    missing = operations.call(name, STRANGER, order_id=missing_id)
    assert foreign.status == missing.status == (403 if name in BY_OPERATORS else 404)
    assert alike(foreign, operations.order_id) == alike(missing, missing_id)


@pytest.mark.parametrize("name", ON_AN_ORDER)
@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("if_match", ['"1"', '"7"', "*", "nonsense"])
def test_a_precondition_tells_nothing_of_a_foreign_order(
    operations: Operations, name: str, if_match: str
) -> None:
    headers = {**STRANGER, "If-Match": if_match, "If-None-Match": if_match}
    foreign = operations.call(name, headers)
    missing = operations.call(name, headers, order_id="0" * 36)
    assert foreign.status == missing.status
    assert alike(foreign, operations.order_id) == alike(missing, "0" * 36)


def alike(answer: Answer, identifier: str) -> Any:  # noqa: ANN401 - comparable
    """Return what is told, but for the id that was asked for and what differs each time."""
    body = {name: each for name, each in answer.body.items() if name != "correlation_id"}
    headers = {name: each for name, each in answer.headers.items() if name != "x-correlation-id"}
    return str(body).replace(identifier, "ID"), headers


def test_a_key_of_another_customer_gives_nothing_away(operations: Operations) -> None:
    key = {"Idempotency-Key": "the-same"}
    mine = operations.call("PlaceOrder", {**CUSTOMER, **key})
    theirs = operations.call("PlaceOrder", {**STRANGER, **key})
    assert (mine.status, theirs.status) == (201, 201)
    assert mine.body["id"] != theirs.body["id"]
    assert "idempotent-replayed" not in theirs.headers
    key = {"Idempotency-Key": "another"}
    changed = operations.call("CancelOrder", {**CUSTOMER, **key}, order_id=mine.body["id"])
    foreign = operations.call("CancelOrder", {**STRANGER, **key}, order_id=mine.body["id"])
    assert (changed.status, foreign.status) == (200, 404)


@pytest.mark.usefixtures("operations")
def test_the_own_orders_are_listed_and_operators_see_all(http: Api) -> None:
    assert len(http.get("/orders", CUSTOMER).body["items"]) == 1
    assert http.get("/orders", STRANGER).body["items"] == []
    assert len(http.get("/orders", OPERATOR).body["items"]) == 1


def test_a_page_of_another_customer_cannot_be_asked_for_by_its_cursor(
    operations: Operations,
) -> None:
    place_order(operations.http, operations.product_id)
    cursor = operations.http.get("/orders?limit=1").body["next_cursor"]
    assert operations.http.get(f"/orders?limit=1&cursor={cursor}", STRANGER).status == 422


@pytest.mark.parametrize("path", OPEN)
def test_what_the_service_says_of_itself_is_open(http: Api, path: str) -> None:
    assert http.get(path, {}).status == 200


def test_every_operation_tells_which_scope_it_needs(http: Api) -> None:
    paths = http.get("/openapi.json", {}).body["paths"]
    for operation in BY_NAME.values():
        needed = paths[operation.path][operation.method.lower()]["security"]
        assert needed == [{"accessToken": list(filter(None, [operation.message.scope]))}]


def test_an_unknown_path_and_an_unknown_method_are_problems_too(http: Api) -> None:
    require_problem(http.get("/nowhere", {}), 404, "no_such_route")
    require_problem(http.get("/nowhere"), 404, "no_such_route")
    answer = http.call("PATCH", "/orders")
    require_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
