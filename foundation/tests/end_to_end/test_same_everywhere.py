"""One request, one answer: over `chalice local`, in the test client, and as Lambda calls the app.

Tokens are checked, unknown paths refused and answers compressed before and behind the function, by
API Gateway; those rows are for the other two.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3
from chalice.local import LambdaEventConverter, RouteMatcher
from chalice.test import Client

from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import new_id
from carafe.testing.api_server import serving
from carafe.testing.contexts import a_context
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.tokens import SignedIn
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER, STRANGER
from tests.support.orders import a_shipped_order, an_order
from tests.support.products import a_product

PLACED, SHIPPED, PRODUCT = "order-1", "order/2%", "product-1"
BODY = {"lines": [{"product_id": PRODUCT, "quantity": 1}], "shipping_address": AN_ADDRESS}

# Beside these an answer has what says when and how it was carried.
TOLD = {
    *("content-type", "etag", "cache-control", "link", "idempotent-replayed", "allow"),
    *("www-authenticate", "retry-after", "x-correlation-id", "content-encoding"),
    *("content-security-policy",),
}


@dataclass
class Seen:
    """An answer, less what is new each time."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class Row:
    """A request, and the status that is right."""

    status: int
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    caller: SignedIn | None = field(default_factory=lambda: CUSTOMER)
    gateway: bool = False


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()


CHANGE = as_json({"shipping_address": AN_ADDRESS})
ADDRESS_OF = "/orders/{}/shipping-address"
ROWS = {
    "read": Row(200, "GET", f"/orders/{PLACED}"),
    "page": Row(200, "GET", "/orders?limit=1&status=placed"),
    "placed": Row(201, "POST", "/orders", body=as_json(BODY)),
    "known": Row(304, "GET", f"/orders/{PLACED}", {"If-None-Match": '"1"'}),
    "head": Row(200, "HEAD", f"/orders/{PLACED}"),
    "percent-encoded id": Row(404, "GET", "/orders/%2e%2e%2F%24ne%25"),
    "spaces in an id": Row(422, "GET", "/orders/a%20%C3%A9"),
    "percent-encoded query": Row(422, "GET", "/orders?status=pl%61ced%20&limit=%30"),
    "no JSON": Row(400, "POST", "/orders", body=b'{"lines": ['),
    "no UTF-8": Row(400, "POST", "/orders", body=b'{"lines": "\xff\xfe"}', gateway=True),
    "no key": Row(400, "POST", "/orders", {"Idempotency-Key": "a b"}, as_json(BODY)),
    "expired": Row(
        401, "GET", "/orders", {"Authorization": "Bearer e30.e30.e30"}, b"", None, gateway=True
    ),
    "no token": Row(401, "GET", f"/orders/{PLACED}", caller=None, gateway=True),
    "no scope": Row(403, "POST", f"/orders/{PLACED}/delivery"),
    "foreign": Row(404, "GET", f"/orders/{PLACED}", caller=STRANGER),
    "no such route": Row(404, "GET", "/nowhere", gateway=True),
    "no such method": Row(405, "PATCH", "/orders", gateway=True),
    "asked by a browser": Row(405, "OPTIONS", "/orders", gateway=True),
    "not now": Row(409, "PUT", ADDRESS_OF.format("order%2F2%25"), body=CHANGE),
    "stale": Row(412, "PUT", ADDRESS_OF.format(PLACED), {"If-Match": '"7"'}, CHANGE),
    "too large": Row(413, "POST", "/orders", body=b" " * 200_000),
    "no media type of ours": Row(415, "POST", "/orders", {"Content-Type": "text/plain"}, b"x"),
    "octets": Row(
        415, "POST", "/orders", {"Content-Type": "application/octet-stream"}, b"\x00\xff"
    ),
    "several faults": Row(422, "POST", "/orders", body=b'{"lines": [], "extra": 1}'),
    "compressed": Row(200, "GET", "/openapi.json", {"Accept-Encoding": "gzip"}, gateway=True),
    "documentation": Row(200, "GET", "/docs"),
    "health": Row(200, "GET", "/health"),
}

Face = Callable[[Row], Seen]


def headers_of(row: Row) -> dict[str, str]:
    sent = {"Content-Type": "application/json", "X-Correlation-Id": "the-same"}
    return {**sent, **(row.caller or {}), **row.headers}


def seen(status: int, headers: Mapping[str, Any], raw: bytes) -> Seen:
    told = {name.lower(): str(value) for name, value in headers.items() if name.lower() in TOLD}
    if told.get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    text = raw.decode()
    body = json.loads(text) if text and "json" in told["content-type"] else text
    if status == 201:
        body = sorted(body)
    if not raw:
        told.pop("content-type", None)  # servers add one of their own
    return Seen(status, told, body)


@pytest.fixture
def stocked(service: Container[Any]) -> None:
    product = a_product()
    product.id = PRODUCT
    service.repository(Product).add(product, a_context())
    for identifier, order in ((PLACED, an_order()), (SHIPPED, a_shipped_order())):
        order.id = identifier
        service.repository(Order).add(order, a_context())


@pytest.fixture
def faces(
    stocked: None, api: Client, environment: Mapping[str, str]
) -> Iterator[Mapping[str, Face]]:
    del stocked
    with serving(environment) as url, urllib3.PoolManager(retries=False) as pool:

        def over_http(row: Row) -> Seen:
            answer = pool.request(
                row.method,
                url + row.path,
                headers=headers_of(row),
                body=row.body,
                decode_content=False,
            )
            return seen(answer.status, answer.headers, answer.data)

        def in_the_client(row: Row) -> Seen:
            answer = api.http.request(row.method, row.path, headers=headers_of(row), body=row.body)
            return seen(answer.status_code, answer.headers, answer.body)

        yield {"chalice local": over_http, "test client": in_the_client, "handler": in_lambda}


def in_lambda(row: Row) -> Seen:
    """Call the app with the event that API Gateway makes of a request."""
    from app import app  # noqa: PLC0415 - after the environment is set

    converter = LambdaEventConverter(RouteMatcher(list(app.routes)), app.api.binary_types)
    # API Gateway hands a body on as text.
    body = row.body.decode(errors="replace").encode()
    event = converter.create_lambda_event(row.method, row.path, headers_of(row), body)
    if row.caller is not None:
        granted = {"subject": row.caller.subject, "scopes": row.caller.scope}
        event["requestContext"]["authorizer"] = {**granted, "expires_at": "4102444800"}
    answer = app(event, Context())
    return seen(answer["statusCode"], answer["headers"], answer["body"].encode())


class Context:
    """What Lambda tells beside the event."""

    aws_request_id = new_id()

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def test_every_request_gets_the_same_answer_everywhere(faces: Mapping[str, Face]) -> None:
    for name, row in ROWS.items():
        answers = {
            face: ask(row) for face, ask in faces.items() if not (row.gateway and face == "handler")
        }
        first, *others = answers.values()
        assert first.status == row.status, (name, first)
        assert [each for each in others if each != first] == [], f"{name}: {answers}"
        if row.status >= 400:
            assert first.headers["x-correlation-id"] == "the-same", (name, first)
            assert first.body["status"] == row.status, (name, first)
