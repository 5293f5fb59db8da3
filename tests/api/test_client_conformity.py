"""The client, the server and the OpenAPI document say the same."""

import inspect
import re
import typing
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest

from chalicelib.contracts import commands, queries
from chalicelib.contracts.base import Command, Query
from chalicelib.contracts.client.errors import NotFound
from chalicelib.contracts.client.ordering import OrderingClient
from chalicelib.contracts.client.pages import Pages
from chalicelib.contracts.problem import Problem
from chalicelib.contracts.values import Address, Money
from chalicelib.domain.order import OrderStatus
from tests.support.requests import AN_ADDRESS, Api
from tests.support.scripted_server import Asked, ScriptedServer, answers

Document = dict[str, Any]

ID = "id/with slash"
PRICE = Money(amount="24.90", currency="EUR")
ADDRESS = Address(**AN_ADDRESS)

# One of each, with every field set.
EXAMPLES: Mapping[type[Command | Query], Command | Query] = {
    type(each): each
    for each in (
        commands.RegisterProduct(sku="CARAFE-1L", name="Carafe, 1 l", price=PRICE),
        commands.ChangeProductPrice(id=ID, price=PRICE),
        commands.DiscontinueProduct(id=ID),
        commands.PlaceOrder(
            lines=[commands.WantedLine(product_id=ID, quantity=2)], shipping_address=ADDRESS
        ),
        commands.ChangeShippingAddress(id=ID, shipping_address=ADDRESS),
        commands.PayOrder(id=ID, payment_method="card"),
        commands.ShipOrder(id=ID, carrier="DHL", tracking_code="JD01"),
        commands.DeliverOrder(id=ID),
        commands.CancelOrder(id=ID, reason="no longer needed"),
        queries.ListProducts(limit=7, cursor="cursor"),
        queries.GetProduct(id=ID),
        queries.ListOrders(status=OrderStatus.PAID, limit=7, cursor="cursor"),
        queries.GetOrder(id=ID),
    )
}

METHODS = [name for name in vars(OrderingClient) if not name.startswith("_")]

# What the client leaves to its caller: `headers`, or the circumstances.
NOT_OFFERED = {"x-correlation-id", "traceparent", "if-none-match"}

# Words of a schema that are notes for people.
NOTES = {"title", "description", "examples", "example"}


@pytest.fixture
def document(http: Api) -> Document:
    """The document as the server gives it out."""
    answer: Document = http.get("/openapi.json", {}).body
    return answer


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def types_of(method: str) -> tuple[type[Command | Query], Any]:
    """Return what a method takes and what it returns."""
    hints = typing.get_type_hints(getattr(OrderingClient, method))
    returned = hints.pop("return")
    taken = next(iter(hints.values()))
    alternatives = [each for each in typing.get_args(taken) if each is not type(None)]
    return (alternatives[0] if alternatives else taken), returned


def asked_by(method: str) -> Asked:
    """Return the request that a method makes with everything that it can be given."""
    problem = Problem(title="t", status=404, detail="d", code="not_found", correlation_id="x")
    with ScriptedServer(answers(msgspec.to_builtins(problem), 404)) as server:
        client = OrderingClient(server.url, token_provider=lambda: "token-1")
        call = getattr(client, method)
        options = {"idempotency_key": "key-1", "if_match": 3}
        offered = inspect.signature(call).parameters
        given = {name: value for name, value in options.items() if name in offered}
        with client, pytest.raises(NotFound):
            list(call(EXAMPLES[types_of(method)[0]], **given))
        return server.asked[0]


def operation_of(asked: Asked, document: Document) -> tuple[str, Document]:
    """Return the documented path and operation that a request is for."""
    path = urlsplit(asked.target).path
    (found,) = (
        (template, methods[asked.method.lower()])
        for template, methods in document["paths"].items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        and asked.method.lower() in methods
    )
    return found


def test_every_operation_has_one_method_and_no_method_is_left_over(document: Document) -> None:
    documented = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    offered = [operation_of(asked_by(each), document)[1]["operationId"] for each in METHODS]
    assert Counter(offered) == Counter(documented)


def test_a_method_sends_the_documented_parameters(method: str, document: Document) -> None:
    asked = asked_by(method)
    template, operation = operation_of(asked, document)
    documented: dict[str, set[str]] = {"path": set(), "query": set(), "header": set()}
    for each in parameters_of(operation, document):
        documented[each["in"]].add(each["name"])
    example = EXAMPLES[types_of(method)[0]]
    url = urlsplit(asked.target)
    for name, value in in_path(template, url.path).items():
        assert unquote(value) == getattr(example, name)
    assert set(in_path(template, url.path)) == documented["path"]
    assert set(parse_qs(url.query)) == documented["query"]
    wanted = {name.lower() for name in documented["header"]} - NOT_OFFERED
    assert wanted <= set(asked.headers)
    assert asked.headers["authorization"] == "Bearer token-1"


def parameters_of(operation: Document, document: Document) -> list[Document]:
    """Return an operation's parameters, those that stand elsewhere in the document included."""
    shared = document["components"].get("parameters", {})
    return [
        shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in operation["parameters"]
    ]


def in_path(template: str, path: str) -> dict[str, str]:
    found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), path)
    assert found is not None
    return found.groupdict()


def test_a_method_sends_the_documented_body(method: str, document: Document) -> None:
    asked = asked_by(method)
    template, operation = operation_of(asked, document)
    contract = types_of(method)[0]
    if "requestBody" not in operation:
        assert asked.body == b""
        assert "content-type" not in asked.headers
        return
    (media_type,) = operation["requestBody"]["content"]
    assert asked.headers["content-type"] == media_type
    schema = operation["requestBody"]["content"][media_type]["schema"]
    wanted = shape(schema, document["components"]["schemas"])
    assert wanted == without(shape_of(contract), set(re.findall(r"{(\w+)}", template)))
    assert set(asked.json) == set(wanted["properties"])


def test_a_method_returns_the_documented_answer(method: str, document: Document) -> None:
    _, operation = operation_of(asked_by(method), document)
    ((_, good),) = (each for each in operation["responses"].items() if each[0].startswith("2"))
    documented = shape(
        good["content"]["application/json"]["schema"], document["components"]["schemas"]
    )
    returned = types_of(method)[1]
    if typing.get_origin(returned) is Pages:
        (item,) = typing.get_args(returned)
        assert documented["properties"]["items"]["items"] == shape_of(item)
    else:
        assert documented == shape_of(returned)


def test_queries_have_the_documented_types(method: str, document: Document) -> None:
    contract = types_of(method)[0]
    _, operation = operation_of(asked_by(method), document)
    for each in parameters_of(operation, document):
        if each["in"] in {"path", "query"}:
            documented = shape(each["schema"], document["components"]["schemas"])
            assert documented == shape_of(contract)["properties"][each["name"]]


def shape_of(contract: Any) -> Document:  # noqa: ANN401 - a type form
    """Return the shape of what the client takes or returns."""
    (schema,), components = msgspec.json.schema_components(
        [contract], ref_template="#/components/schemas/{name}"
    )
    reduced: Document = shape(schema, components)
    return reduced


def shape(schema: Any, components: Document) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a schema less its notes, with everything that it refers to in its place."""
    if isinstance(schema, list):
        return [shape(each, components) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return shape(components[schema["$ref"].rpartition("/")[2]], components)
    reduced = {
        word: shape(value, components)
        for word, value in schema.items()
        if word not in {*NOTES, "properties", "required"}
    }
    if "properties" in schema:
        reduced["properties"] = {
            name: shape(value, components) for name, value in schema["properties"].items()
        }
        reduced["required"] = sorted(schema.get("required", []))
    return reduced


def without(schema: Document, names: set[str]) -> Document:
    """Return an object's shape less some of its properties."""
    kept = {name: value for name, value in schema["properties"].items() if name not in names}
    required = [name for name in schema["required"] if name not in names]
    return schema | {"properties": kept, "required": required}
