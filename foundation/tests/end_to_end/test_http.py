"""The functions over real HTTP: what a client on a connection sees."""

import gzip
import http.client
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
import urllib3

from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.contexts import a_context
from carafe.testing.examples import AN_ADDRESS
from chalicelib.domain.product import Product
from tests.support.callers import CUSTOMER, STRANGER
from tests.support.products import a_product


@dataclass
class Shop:
    """A service at an address, and a product that can be ordered there."""

    url: str
    product_id: str

    @property
    def order(self) -> dict[str, Any]:
        lines = [{"product_id": self.product_id, "quantity": 1}]
        return {"lines": lines, "shipping_address": AN_ADDRESS}

    def place(self, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        with urllib3.PoolManager(retries=False) as connection:
            return connection.request(
                "POST", f"{self.url}/orders", json=self.order, headers=dict(headers)
            )


@pytest.fixture
def shop(service: Container[Any], environment: Mapping[str, str]) -> Iterator[Shop]:
    product = a_product()
    service.repository(Product).add(product, a_context())
    with serving(environment) as url:
        yield Shop(url, product.id)


def test_fifty_repeats_at_once_are_one_order_and_fifty_equal_answers(
    shop: Shop, service: Container[Any]
) -> None:
    headers = {**CUSTOMER, "Idempotency-Key": "at-once"}
    together = Barrier(50)

    def place(_: int) -> urllib3.BaseHTTPResponse:
        together.wait()
        return shop.place(headers)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(place, range(50)))
    (document,) = service.database["orders"].find()
    expected = {"id": document["_id"], "version": 1}
    told = Counter(
        (each.status, each.data, each.headers["ETag"], each.headers["Location"]) for each in answers
    )
    assert [json.loads(body) for _, body, _, _ in told] == [expected]
    assert list(told.values()) == [50]
    assert next(iter(told))[0] == 201
    assert Counter(each.headers.get("Idempotent-Replayed") for each in answers) == {
        None: 1,
        "true": 49,
    }
    assert (document["version"], len(document["handled"])) == (1, 1)
    assert document["sequence"] == 1


def test_the_same_key_of_two_customers_at_once_is_two_orders(
    shop: Shop, service: Container[Any]
) -> None:
    callers = [{**caller, "Idempotency-Key": "ours"} for caller in (CUSTOMER, STRANGER)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(shop.place, callers * 10))
    assert {each.status for each in answers} == {201}
    assert len({each.data for each in answers}) == 2
    assert service.database["orders"].count_documents({}) == 2


def test_one_connection_serves_all_kinds_of_answers(shop: Shop) -> None:
    """An answer whose length is wrong would garble the one after it."""
    for _ in range(3):
        shop.place(CUSTOMER)
    connection = http.client.HTTPConnection(shop.url.removeprefix("http://"), timeout=10)

    def ask(method: str, path: str, headers: Mapping[str, str]) -> tuple[int, bytes, Any]:
        connection.request(method, path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    status, plain, headers = ask("GET", "/orders", CUSTOMER)
    assert status == 200
    assert len(json.loads(plain)["items"]) == 3
    known = {**CUSTOMER, "If-None-Match": headers["ETag"]}
    for _ in range(2):
        assert ask("GET", "/orders", known)[:2] == (304, b"")
        assert ask("HEAD", "/orders", CUSTOMER)[:2] == (200, b"")
        status, small, headers = ask("GET", "/orders", {**CUSTOMER, "Accept-Encoding": "gzip"})
        assert (status, gzip.decompress(small)) == (200, plain)
        assert headers["Content-Type"] == "application/json"
        assert int(headers["Content-Length"]) == len(small) < len(plain)
        status, problem, headers = ask("GET", "/orders", {})
        assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
        assert json.loads(problem)["code"] == "token_missing"
        status, problem, headers = ask("GET", "/orders", {"Authorization": "Bearer e30.e30.e30"})
        assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
        assert json.loads(problem)["code"] == "token_refused"
        assert ask("GET", "/nowhere", {})[0] == 404
        assert ask("PATCH", "/orders", CUSTOMER)[0] == 405
    connection.close()
