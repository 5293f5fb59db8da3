"""F50: nothing that a caller sends reaches the database as an operator.

Every field of every route in the table of routes is probed in two ways. What is not text must be
refused, and never leave the process. Text may be valid; then every command that the database gets
has the very shape that it has for a harmless text.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command
from carafe.contracts.envelope import Caller
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.testing.description import Answer
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api
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
from tests.support.callers import CUSTOMER, MERCHANT, OPERATOR
from tests.support.database import DatabaseCommands, recorded_commands
from tests.support.injection import (
    EVALUATING_OPERATORS,
    EXTRA_FIELDS,
    HARMLESS,
    MARK,
    PAYLOADS,
    TEXTS,
    Way,
    at,
    field_names_of,
    places,
    put,
    shapes_of,
)
from tests.support.orders import place_order
from tests.support.products import register_product

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


class Probe:
    """Sends requests, each to an aggregate of its own, and records what the database gets."""

    def __init__(self, http: Api, database: DatabaseCommands) -> None:
        self.http = http
        self.database = database
        self.product_id = register_product(http)

    def send(self, operation: Operation, body: object, headers: Mapping[str, str]) -> Answer:
        path = self.path_of(operation)
        self.database.commands.clear()
        return self.http.call(operation.method, path, body, dict(headers))

    def with_text(self, operation: Operation, way: Way, text: str) -> tuple[Answer, set[str]]:
        body, headers = BODIES[operation.message]
        if operation.message is PlaceOrder:
            body = put(body, ("lines", 0, "product_id"), self.product_id)
        if operation.message is RegisterProduct:
            body = put(body, ("sku",), secrets.token_hex(8).upper())
        answer = self.send(operation, put(body, way, text), headers)
        return answer, shapes_of(self.database.commands)

    def path_of(self, operation: Operation) -> str:
        """Return the path to a new aggregate that the operation may change."""
        return operation.path.replace("{id}", self._fresh(operation))

    def _fresh(self, operation: Operation) -> str:
        if operation.path.startswith("/products/"):
            return register_product(self.http, sku=secrets.token_hex(8).upper())
        if "{id}" not in operation.path:
            return ""
        order_id = place_order(self.http, self.product_id)
        if operation.message is ShipOrder:
            self.http.post(f"/orders/{order_id}/payment", {})
        return order_id


@pytest.fixture
def database(service: Container[Any]) -> Iterator[DatabaseCommands]:
    with recorded_commands(service) as commands:
        yield commands


@pytest.fixture
def probe(http: Api, database: DatabaseCommands) -> Probe:
    return Probe(http, database)


def test_every_field_of_every_command_is_probed() -> None:
    for each in COMMANDS:
        fields = {field.name for field in msgspec.structs.fields(each.message)}
        assert BODIES[each.message][0].keys() == fields - set(each.path_parameters), called(each)
    pairs = [pair for each in COMMANDS for pair in refusable(each)]
    assert len(pairs) + sum(len(texts_of(each)) * len(TEXTS) for each in COMMANDS) >= 500


@pytest.mark.parametrize("operation", COMMANDS, ids=called)
def test_what_is_no_value_of_a_field_is_refused(probe: Probe, operation: Operation) -> None:
    body, headers = BODIES[operation.message]
    path = probe.path_of(operation)
    for way, payload in refusable(operation):
        probe.database.commands.clear()
        answer = probe.http.call(operation.method, path, put(body, way, payload), dict(headers))
        assert 400 <= answer.status < 500, (way, payload, answer)
        assert MARK not in str(probe.database.commands), (way, payload)


@pytest.mark.parametrize("operation", [each for each in COMMANDS if texts_of(each)], ids=called)
def test_a_text_stays_a_text(probe: Probe, operation: Operation) -> None:
    accepted = 0
    for way in texts_of(operation):
        body, _ = BODIES[operation.message]
        _, shapes = probe.with_text(operation, way, HARMLESS)
        usual, more_shapes = probe.with_text(operation, way, at(body, way))
        assert usual.status < 300 or "product_id" in way, usual
        for text in TEXTS:
            answer, actual = probe.with_text(operation, way, text)
            assert answer.status < 300 or 400 <= answer.status < 500, (way, text, answer)
            assert actual <= shapes | more_shapes, (way, text)
            assert not field_names_of(probe.database.commands) & EVALUATING_OPERATORS
            accepted += answer.status < 300
    money_alone = operation.message is ChangeProductPrice
    assert accepted or money_alone, "nothing came as far as the database"


@pytest.mark.parametrize("operation", WITH_ID, ids=called)
def test_an_id_in_a_path_stays_a_text(probe: Probe, operation: Operation) -> None:
    body, headers = BODIES.get(operation.message, (None, CUSTOMER))

    def ask(identifier: str) -> tuple[int, set[str]]:
        probe.database.commands.clear()
        path = operation.path.replace("{id}", quote(identifier, safe=""))
        answer = probe.http.call(operation.method, path, body, dict(headers))
        return answer.status, shapes_of(probe.database.commands)

    status, shapes = ask(HARMLESS)
    assert status == 404
    for text in [*TEXTS, MARK * 1_000, "\x00"]:
        status, actual = ask(text)
        assert status in {403, 404, 422}, text
        assert actual <= shapes, text


@pytest.mark.parametrize("operation", QUERIES, ids=called)
def test_no_parameter_of_a_query_is_anything_but_its_value(
    probe: Probe, operation: Operation
) -> None:
    fields = {field.name for field in msgspec.structs.fields(operation.message)}
    path = operation.path.replace("{id}", probe.product_id)
    for name in fields.union(EXTRA_FIELDS, ["limit[$gt]", "status[$ne]"]) - {"id"}:
        for text in [*TEXTS, MARK * 1_000]:
            probe.database.commands.clear()
            answer = probe.http.get(f"{path}?{quote(name)}={quote(text, safe='')}")
            assert answer.status == 422, (name, text)
            assert probe.database.commands == []


@pytest.mark.parametrize(
    "header", ["Idempotency-Key", "X-Correlation-Id", "traceparent", "If-Match"]
)
def test_a_header_stays_a_text(probe: Probe, header: str) -> None:
    (operation,) = (each for each in COMMANDS if each.message is CancelOrder)
    body, headers = BODIES[CancelOrder]
    probe.send(operation, body, {**headers, header: HARMLESS})
    shapes = shapes_of(probe.database.commands)
    for text in TEXTS:
        answer = probe.send(operation, body, {**headers, header: text})
        assert answer.status < 300 or 400 <= answer.status < 500, text
        assert shapes_of(probe.database.commands) <= shapes, text
        assert not field_names_of(probe.database.commands) & EVALUATING_OPERATORS


def test_the_name_of_a_caller_stays_a_text(database: DatabaseCommands) -> None:
    from app import functions  # noqa: PLC0415 - after the environment is set

    def ask(subject: str) -> set[str]:
        database.commands.clear()
        caller = Caller(subject=subject, scopes=frozenset({READ_ORDERS}))
        functions.mediator.handle(Invocation.of(ListOrders(), caller))
        return shapes_of(database.commands)

    shapes = ask(HARMLESS)
    assert len(shapes) == 1
    for text in TEXTS:
        assert ask(text) == shapes
