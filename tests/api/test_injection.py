"""Nothing a caller sends reaches the database as an operator."""

from typing import Any

import pytest
from chalice.test import Client
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chalicelib.infrastructure.bootstrap import Container
from tests.support.requests import AN_ADDRESS, CUSTOMER, MERCHANT, OPERATOR, Api

MARK = "injected"
PAYLOADS: list[Any] = [
    {"$ne": MARK},
    {"$gt": "", "$comment": MARK},
    {"$where": f"'{MARK}'"},
    {"$regex": f".*{MARK}"},
    {"$function": {"body": MARK, "args": [], "lang": "js"}},
    {MARK: {"$exists": True}},
    [{"$ne": MARK}],
    {f"{MARK}.dotted": 1},
    {"__proto__": {MARK: True}},
    f"{MARK}\x00$where",
    MARK * 40_000,
]
IN_TEXT = [
    "$where",
    "{'$ne': ''}",
    '{"$gt": ""}',
    "../orders",
    "a.b",
    "%24ne",
    "' || '1'=='1",
    "/.*/",
]

PRICE = {"amount": "1.00", "currency": "EUR"}
BODIES: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("POST", "/products", {"sku": "A", "name": "B", "price": PRICE}, MERCHANT),
    ("PUT", "/products/{product}/price", {"price": PRICE}, MERCHANT),
    (
        "POST",
        "/orders",
        {"lines": [{"product_id": "p", "quantity": 1}], "shipping_address": AN_ADDRESS},
        CUSTOMER,
    ),
    ("PUT", "/orders/{order}/shipping-address", {"shipping_address": AN_ADDRESS}, CUSTOMER),
    ("POST", "/orders/{order}/payment", {"payment_method": "card"}, CUSTOMER),
    ("POST", "/orders/{order}/shipment", {"carrier": "c", "tracking_code": "t"}, OPERATOR),
    ("POST", "/orders/{order}/cancellation", {"reason": "r"}, CUSTOMER),
]
OPERATORS = ("$ne", "$gt", "$where", "$regex", "$function")


class Asked(CommandListener):
    """Remembers what is sent to the database."""

    def __init__(self) -> None:
        self.commands: list[Any] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Return the way to every field of a body, and to its parts."""
    here = [way] if way else []
    if isinstance(value, dict):
        return here + [each for name in value for each in places(value[name], (*way, name))]
    if isinstance(value, list):
        return here + [each for i in range(len(value)) for each in places(value[i], (*way, i))]
    return here


def put(value: Any, way: tuple[Any, ...], payload: Any) -> Any:  # noqa: ANN401
    """Return a copy of a body with a payload in one place."""
    if not way:
        return payload
    name, *rest = way
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[name] = put(value[name], tuple(rest), payload)
    return copied


def operators_in(command: Any) -> set[str]:  # noqa: ANN401
    """Return the operators of the payloads that stand as keys in a command."""
    if isinstance(command, dict):
        found = {name for name in command if name in OPERATORS}
        return found.union(*(operators_in(each) for each in command.values()))
    if isinstance(command, list):
        return set().union(*(operators_in(each) for each in command))
    return set()


@pytest.fixture
def asked(service: Container, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    listener = Asked()
    client: MongoClient[dict[str, Any]] = MongoClient(
        service.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with client, monkeypatch.context() as meanwhile:
        meanwhile.setattr(service, "database", client[service.database.name])
        yield listener


@pytest.mark.parametrize("position", range(len(BODIES)))
def test_no_field_of_a_body_becomes_an_operator(api: Client, asked: Asked, position: int) -> None:
    http = Api(api)
    product_id = http.a_product()
    order_id = http.an_order(product_id)
    method, path, body, headers = BODIES[position]
    path = path.format(product=product_id, order=order_id)
    tried = 0
    for way in places(body):
        for payload in PAYLOADS:
            asked.commands.clear()
            answer = http.call(method, path, put(body, way, payload), headers)
            assert 400 <= answer.status < 500, (way, payload, answer)
            assert MARK not in str(asked.commands), (way, payload)
            tried += 1
    assert tried >= len(PAYLOADS)


@pytest.mark.parametrize("text", IN_TEXT)
@pytest.mark.parametrize("parameter", ["status", "limit", "cursor", "customer_id", "$where"])
def test_no_parameter_becomes_an_operator(
    api: Client, asked: Asked, parameter: str, text: str
) -> None:
    http = Api(api)
    answer = http.get(f"/orders?{parameter}={text}")
    assert answer.status == 422
    assert asked.commands == []


@pytest.mark.parametrize(
    "text", ["$where", "%7B%22$ne%22:%22%22%7D", "a.b", "%00", "%24ne", "' or 1"]
)
def test_no_id_in_a_path_becomes_an_operator(api: Client, asked: Asked, text: str) -> None:
    http = Api(api)
    for path in (f"/orders/{text}", f"/products/{text}"):
        assert http.get(path).status in {404, 422}
    assert not any(operators_in(dict(each)) for each in asked.commands)
