"""What the service says of itself."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from pymongo import MongoClient

from carafe.api import readiness
from carafe.contracts.outgoing_commands import outgoing
from carafe.infrastructure.container import Container
from carafe.testing.http import Api
from chalicelib.contracts.integration_events import PUBLISHED
from chalicelib.contracts.sent_commands import SENT
from chalicelib.contracts.subscribed_events import SUBSCRIBED
from tests.support.callers import CUSTOMER, OPERATOR
from tests.support.schemas import faults_by

ROUTES = {
    "/products": {"get", "post"},
    "/products/{id}": {"get", "delete"},
    "/products/{id}/price": {"put"},
    "/orders": {"get", "post"},
    "/orders/{id}": {"get"},
    "/orders/{id}/shipping-address": {"put"},
    "/orders/{id}/payment": {"post"},
    "/orders/{id}/shipment": {"post"},
    "/orders/{id}/delivery": {"post"},
    "/orders/{id}/cancellation": {"post"},
}


def test_the_service_is_healthy_and_ready(http: Api) -> None:
    assert http.get("/health", {}).body == {"status": "ok"}
    assert http.get("/ready", {}).body == {"status": "ready"}
    assert http.get("/ready/drift", OPERATOR).body == {"drift": []}


def test_operators_are_told_how_the_database_drifted(http: Api, service: Container[Any]) -> None:
    service.database["orders"].drop_indexes()
    service.database["products"].create_index("name")
    drift = http.get("/ready/drift", OPERATOR).body["drift"]
    assert "orders: create the index pending_since" in drift
    assert "products: drop the index name_1, which is not declared" in drift


@pytest.mark.parametrize(("caller", "status"), [({}, 401), (CUSTOMER, 403)])
def test_others_are_not_told_how_the_database_drifted(
    http: Api, caller: Mapping[str, str], status: int
) -> None:
    answer = http.get("/ready/drift", caller)
    assert (answer.status, "drift" in answer.body) == (status, False)


def test_without_its_database_the_service_is_healthy_but_not_ready(
    http: Api, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere: MongoClient[dict[str, Any]]
    with (
        MongoClient("mongodb://127.0.0.1:1", timeoutMS=50) as nowhere,
        monkeypatch.context() as meanwhile,
    ):
        meanwhile.setattr(readiness, "FRESH_SECONDS", 0.0)
        meanwhile.setattr(service, "database", nowhere["nowhere"])
        assert http.get("/health", {}).status == 200
        answers = [http.get("/ready", {}), http.get("/ready/drift", OPERATOR)]
    assert [(each.status, each.body["code"]) for each in answers] == [
        (503, "store_unavailable")
    ] * 2


def test_every_route_is_described(http: Api) -> None:
    document = http.get("/openapi.json", {}).body
    assert {path: set(methods) for path, methods in document["paths"].items()} == ROUTES
    assert unresolved(document) == []


def test_every_event_is_described(http: Api) -> None:
    document = http.get("/asyncapi.json", {}).body
    named = {each["name"] for each in document["components"]["messages"].values()}
    events = {contract.wire_type for contract in (*PUBLISHED.values(), *SUBSCRIBED)}
    assert named == events | {contract.wire_type for contract in outgoing(SENT)}
    assert unresolved(document) == []
    assert faults_by("asyncapi-3.0.0.schema.json", document) == []
    actions = {name: each["action"] for name, each in document["operations"].items()}
    assert actions["publish.ordering.order.placed.v1"] == "send"
    assert actions["consume.payments.payment.captured.v1"] == "receive"


def problems_by_path(http: Api) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the examples of the problems that each operation describes."""
    document = http.get("/openapi.json", {}).body
    return {
        (method, path): {
            status: answer["content"]["application/problem+json"]["example"]
            for status, answer in operation["responses"].items()
            if "application/problem+json" in answer.get("content", {})
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_an_operation_describes_the_problems_that_it_declares(http: Api) -> None:
    """Those of an external service, and the service's own, are nobody else's."""
    described = problems_by_path(http)
    declined = described["post", "/orders/{id}/payment"]["402"]
    assert (declined["code"], declined["title"]) == (
        "payment_declined",
        "The payment was declined",
    )
    for status in ("402", "502"):
        having = [operation for operation, answers in described.items() if status in answers]
        assert having == [("post", "/orders/{id}/payment")]


def test_what_is_refused_for_want_of_a_scope_names_it(http: Api) -> None:
    described = problems_by_path(http)
    for method, path, scope in (
        ("post", "/products", "catalogue:write"),
        ("get", "/orders", "orders:read"),
        ("post", "/orders/{id}/shipment", "operations"),
    ):
        assert described[method, path]["403"]["detail"] == f"This needs the scope {scope}."


def test_usual_problems_are_told_in_words_that_fit_every_service(http: Api) -> None:
    words = {"order", "orders", "product", "products", "payment", "customer", "catalogue"}
    for (method, path), answers in problems_by_path(http).items():
        for status in answers.keys() - {"402", "403"}:
            text = re.findall(r"[a-z]+", f"{answers[status]['detail']} {answers[status]['title']}")
            assert not words & set(text), (method, path, status)


def unresolved(document: object) -> list[str]:
    """Return the references in a document that lead nowhere."""
    text = json.dumps(document)
    references = {part.split('"')[1] for part in text.split('"$ref": ')[1:]}

    def leads_nowhere(reference: str) -> bool:
        node = document
        for name in reference.removeprefix("#/").split("/"):
            if not isinstance(node, dict) or name not in node:
                return True
            node = node[name]
        return False

    return sorted(filter(leads_nowhere, references))
