"""F50: nothing that a caller sends reaches the database as an operator.

Tried are all fields of all routes, as the table of routes lists them, in two ways. What is
not text must be refused, and never leave the process. What is text may be valid; then every
command that the database gets has the very shape that it has for a harmless text.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from chalice.test import Client
from pymongo import MongoClient

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command
from carafe.contracts.envelope import Caller
from carafe.infrastructure.container import Container
from carafe.testing.description import Answer
from chalicelib.api.wiring import OPERATIONS
from chalicelib.contracts.commands import (
    CancelOrder,
    ChangeProductPrice,
    ChangeShippingAddress,
    DeliverOrder,
    DiscontinueProduct,
    PayOrder,
    PlaceOrder,
    RegisterProduct,
    ShipOrder,
)
from chalicelib.contracts.queries import ListOrders
from chalicelib.contracts.scopes import READ_ORDERS
from tests.support.injection import (
    EXTRA_FIELDS,
    HARMLESS,
    MARK,
    PAYLOADS,
    TEXTS,
    WORKED_OUT,
    Asked,
    Way,
    at,
    places,
    put,
)
from tests.support.requests import AN_ADDRESS, CUSTOMER, MERCHANT, OPERATOR, Api

PRICE = {"amount": "1.00", "currency": "EUR"}
BODIES: Mapping[type, tuple[dict[str, Any], Mapping[str, str]]] = {
    RegisterProduct: ({"sku": "A", "name": "B", "price": PRICE}, MERCHANT),
    ChangeProductPrice: ({"price": PRICE}, MERCHANT),
    DiscontinueProduct: ({}, MERCHANT),
    PlaceOrder: (
        {"lines": [{"product_id": "p", "quantity": 1}], "shipping_address": AN_ADDRESS},
        CUSTOMER,
    ),
    ChangeShippingAddress: ({"shipping_address": AN_ADDRESS}, CUSTOMER),
    PayOrder: ({"payment_method": "card"}, CUSTOMER),
    ShipOrder: ({"carrier": "c", "tracking_code": "t"}, OPERATOR),
    DeliverOrder: ({}, OPERATOR),
    CancelOrder: ({"reason": "r"}, CUSTOMER),
}
COMMANDS = [each for each in OPERATIONS if issubclass(each.message, Command)]
QUERIES = [each for each in OPERATIONS if each not in COMMANDS]
WITH_ID = [each for each in OPERATIONS if each.path_parameters]


def called(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def refusable(operation: Operation) -> Iterator[tuple[Way, Any]]:
    """Yield every place of a body with every payload, and every field that there is not."""
    body, _ = BODIES[operation.message]
    yield from ((way, payload) for way in places(body) for payload in PAYLOADS)
    parts = [way for way in places(body) if isinstance(at(body, way), dict)]
    extra = {*EXTRA_FIELDS, *operation.path_parameters}
    yield from (((*way, name), MARK) for way in parts for name in extra)


def texts_of(operation: Operation) -> list[Way]:
    """Return the places of a body that hold text."""
    body, _ = BODIES[operation.message]
    return [way for way in places(body) if isinstance(at(body, way), str)]


class Tried:
    """Sends requests, each to an aggregate of its own, and looks at the database's commands."""

    def __init__(self, http: Api, asked: Asked) -> None:
        self.http = http
        self.asked = asked
        self.product_id = http.a_product()

    def send(self, operation: Operation, body: object, headers: Mapping[str, str]) -> Answer:
        path = self.path_of(operation)
        self.asked.commands.clear()
        return self.http.call(operation.method, path, body, dict(headers))

    def with_text(self, operation: Operation, way: Way, text: str) -> tuple[Answer, set[str]]:
        body, headers = BODIES[operation.message]
        if operation.message is PlaceOrder:
            body = put(body, ("lines", 0, "product_id"), self.product_id)
        if operation.message is RegisterProduct:
            body = put(body, ("sku",), secrets.token_hex(8).upper())
        answer = self.send(operation, put(body, way, text), headers)
        return answer, self.asked.shapes()

    def path_of(self, operation: Operation) -> str:
        """Return the path to a new aggregate that the operation may change."""
        return operation.path.replace("{id}", self._fresh(operation))

    def _fresh(self, operation: Operation) -> str:
        if operation.path.startswith("/products/"):
            return self.http.a_product(sku=secrets.token_hex(8).upper())
        if "{id}" not in operation.path:
            return ""
        order_id = self.http.an_order(self.product_id)
        if operation.message is ShipOrder:
            self.http.post(f"/orders/{order_id}/payment", {})
        return order_id


@pytest.fixture
def asked(service: Container[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    listener = Asked()
    client: MongoClient[dict[str, Any]] = MongoClient(
        service.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with client, monkeypatch.context() as meanwhile:
        meanwhile.setattr(service, "database", client[service.database.name])
        yield listener


@pytest.fixture
def tried(api: Client, asked: Asked) -> Tried:
    return Tried(Api(api), asked)


def test_every_field_of_every_command_is_tried() -> None:
    for each in COMMANDS:
        fields = {field.name for field in msgspec.structs.fields(each.message)}
        assert BODIES[each.message][0].keys() == fields - set(each.path_parameters), called(each)
    pairs = [pair for each in COMMANDS for pair in refusable(each)]
    assert len(pairs) + sum(len(texts_of(each)) * len(TEXTS) for each in COMMANDS) >= 500


@pytest.mark.parametrize("operation", COMMANDS, ids=called)
def test_what_is_no_value_of_a_field_is_refused(tried: Tried, operation: Operation) -> None:
    body, headers = BODIES[operation.message]
    path = tried.path_of(operation)
    for way, payload in refusable(operation):
        tried.asked.commands.clear()
        answer = tried.http.call(operation.method, path, put(body, way, payload), dict(headers))
        assert 400 <= answer.status < 500, (way, payload, answer)
        assert MARK not in str(tried.asked.commands), (way, payload)


@pytest.mark.parametrize("operation", [each for each in COMMANDS if texts_of(each)], ids=called)
def test_a_text_stays_a_text(tried: Tried, operation: Operation) -> None:
    accepted = 0
    for way in texts_of(operation):
        body, _ = BODIES[operation.message]
        _, shapes = tried.with_text(operation, way, HARMLESS)
        usual, more_shapes = tried.with_text(operation, way, at(body, way))
        assert usual.status < 300 or "product_id" in way, usual
        for text in TEXTS:
            answer, found = tried.with_text(operation, way, text)
            assert answer.status < 300 or 400 <= answer.status < 500, (way, text, answer)
            assert found <= shapes | more_shapes, (way, text)
            assert not tried.asked.names() & WORKED_OUT
            accepted += answer.status < 300
    money_alone = operation.message is ChangeProductPrice
    assert accepted or money_alone, "nothing came as far as the database"


@pytest.mark.parametrize("operation", WITH_ID, ids=called)
def test_an_id_in_a_path_stays_a_text(tried: Tried, operation: Operation) -> None:
    body, headers = BODIES.get(operation.message, (None, CUSTOMER))

    def ask(identifier: str) -> tuple[int, set[str]]:
        tried.asked.commands.clear()
        path = operation.path.replace("{id}", quote(identifier, safe=""))
        answer = tried.http.call(operation.method, path, body, dict(headers))
        return answer.status, tried.asked.shapes()

    status, shapes = ask(HARMLESS)
    assert status == 404
    for text in [*TEXTS, MARK * 1_000, "\x00"]:
        status, found = ask(text)
        assert status in {403, 404, 422}, text
        assert found <= shapes, text


@pytest.mark.parametrize("operation", QUERIES, ids=called)
def test_no_parameter_of_a_query_is_anything_but_its_value(
    tried: Tried, operation: Operation
) -> None:
    fields = {field.name for field in msgspec.structs.fields(operation.message)}
    path = operation.path.replace("{id}", tried.product_id)
    for name in fields.union(EXTRA_FIELDS, ["limit[$gt]", "status[$ne]"]) - {"id"}:
        for text in [*TEXTS, MARK * 1_000]:
            tried.asked.commands.clear()
            answer = tried.http.get(f"{path}?{quote(name)}={quote(text, safe='')}")
            assert answer.status == 422, (name, text)
            assert tried.asked.commands == []


@pytest.mark.parametrize(
    "header", ["Idempotency-Key", "X-Correlation-Id", "traceparent", "If-Match"]
)
def test_a_header_stays_a_text(tried: Tried, header: str) -> None:
    (operation,) = (each for each in COMMANDS if each.message is CancelOrder)
    body, headers = BODIES[CancelOrder]
    tried.send(operation, body, {**headers, header: HARMLESS})
    shapes = tried.asked.shapes()
    for text in TEXTS:
        answer = tried.send(operation, body, {**headers, header: text})
        assert answer.status < 300 or 400 <= answer.status < 500, text
        assert tried.asked.shapes() <= shapes, text
        assert not tried.asked.names() & WORKED_OUT


def test_the_name_of_a_caller_stays_a_text(asked: Asked) -> None:
    from app import functions  # noqa: PLC0415 - after the environment is set

    def ask(subject: str) -> set[str]:
        asked.commands.clear()
        caller = Caller(subject=subject, scopes=frozenset({READ_ORDERS}))
        functions.mediator.ask(ListOrders(), caller)
        return asked.shapes()

    shapes = ask(HARMLESS)
    assert len(shapes) == 1
    for text in TEXTS:
        assert ask(text) == shapes
