"""Pages that lead on, answers that are known already, and HEAD."""

from typing import Any

import pytest
from chalice.test import Client

from carafe.infrastructure.container import Container
from carafe.testing.description import Answer
from carafe.testing.http import Api
from tests.support.callers import CUSTOMER, MERCHANT, OPERATOR, STRANGER
from tests.support.operations import BY_NAME, Operations
from tests.support.orders import place_order
from tests.support.products import register_product

QUERIES = [name for name, each in BY_NAME.items() if each.is_query]
PAGES = ["/orders", "/products"]


def next_of(path: str, answer: Answer) -> str | None:
    """Return the address that the header Link gives, seen from a path."""
    link = answer.headers.get("link")
    if link is None:
        return None
    target, _, relation = link.partition("; ")
    assert relation == 'rel="next"'
    return path.partition("?")[0] + target.strip("<>")


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_through_all_pages(http: Api, path: str) -> None:
    products = [register_product(http, sku=f"SKU-{number}") for number in range(5)]
    for product_id in products:
        place_order(http, product_id)
    ids: list[str] = []
    here: str | None = f"{path}?limit=2"
    while here is not None:
        answer = http.get(here)
        assert answer.status == 200
        assert len(answer.body["items"]) <= 2
        ids += [each["id"] for each in answer.body["items"]]
        assert (answer.body["next_cursor"] is None) == ("link" not in answer.headers)
        here = next_of(path, answer)
    assert len(ids) == len(set(ids)) == 5


def test_a_link_keeps_the_filter(http: Api) -> None:
    product_id = register_product(http)
    for _ in range(3):
        http.post(f"/orders/{place_order(http, product_id)}/payment")
    place_order(http, product_id)
    first = http.get("/orders?status=paid&limit=2")
    following = next_of("/orders", first)
    assert following is not None
    assert "status=paid" in following
    rest = http.get(following)
    assert [each["status"] for each in first.body["items"] + rest.body["items"]] == ["paid"] * 3
    assert "link" not in rest.headers


@pytest.mark.parametrize("parameter", ["status", "cursor", "limit"])
@pytest.mark.parametrize("nothing", ["null", "NULL"])
def test_null_is_not_taken_for_no_parameter(http: Api, parameter: str, nothing: str) -> None:
    answer = http.get(f"/orders?{parameter}={nothing}")
    assert answer.status == 422
    assert [each["pointer"] for each in answer.body["errors"]] == [f"/{parameter}"]


def test_a_parameter_of_the_path_is_none_of_the_query(http: Api) -> None:
    answer = http.get("/products/one?id=another")
    assert [each["pointer"] for each in answer.body["errors"]] == ["/id"]


@pytest.mark.parametrize(
    ("collection", "field", "value"),
    [("products", "price.currency", "JPY"), ("orders", "shipping_address.street", "x" * 500)],
)
def test_a_document_that_breaks_a_later_rule_is_shown_as_it_is_and_so_is_its_page(
    http: Api, api: Client, service: Container[Any], collection: str, field: str, value: str
) -> None:
    place_order(http)
    stored = service.database[collection].find_one()
    assert stored is not None
    service.database[collection].update_one(
        {"_id": stored["_id"]}, {"$set": {field: value}}, bypass_document_validation=True
    )
    # Past `http`, which holds answers against the rules of today.
    one, page = (
        api.http.get(path, headers=dict(CUSTOMER))
        for path in (f"/{collection}/{stored['_id']}", f"/{collection}")
    )
    assert (one.status_code, page.status_code) == (200, 200)
    assert value in one.body.decode()
    assert value in page.body.decode()


@pytest.mark.parametrize("name", QUERIES)
def test_a_known_answer_is_not_sent_again_until_it_changes(
    operations: Operations, name: str
) -> None:
    first = operations.call(name, OPERATOR)
    conditional = {**OPERATOR, "If-None-Match": first.headers["etag"]}
    unchanged = operations.call(name, conditional)
    assert (unchanged.status, unchanged.body) == (304, None)
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert unchanged.headers["cache-control"] == "private, no-cache"
    change = "ChangeProductPrice" if BY_NAME[name].tag == "products" else "CancelOrder"
    assert operations.call(change, MERCHANT if "Price" in change else CUSTOMER).status == 200
    changed = operations.call(name, conditional)
    assert (changed.status, changed.headers["etag"] == first.headers["etag"]) == (200, False)


@pytest.mark.parametrize("name", QUERIES)
def test_head_answers_as_get_without_a_body(operations: Operations, name: str) -> None:
    path = BY_NAME[name].path
    identifier = operations.product_id if BY_NAME[name].tag == "products" else operations.order_id
    path = path.replace("{id}", identifier)
    full, head = (operations.http.call(method, path) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, None)
    same = {"etag", "cache-control", "content-type", "link"}
    assert {n: full.headers.get(n) for n in same} == {n: head.headers.get(n) for n in same}
    conditional = {**CUSTOMER, "If-None-Match": full.headers["etag"]}
    assert operations.http.call("HEAD", path, headers=conditional).status == 304
    assert operations.http.call("HEAD", path, headers={}).status == 401


def test_a_tag_gives_nothing_of_another_customer_away(operations: Operations) -> None:
    tag = operations.call("GetOrder", CUSTOMER).headers["etag"]

    foreign = operations.call("GetOrder", {**STRANGER, "If-None-Match": tag})
    missing = operations.call("GetOrder", {**STRANGER, "If-None-Match": tag}, order_id="0" * 36)
    assert foreign.status == missing.status == 404
    assert "etag" not in foreign.headers


# Compression, which is the gateway's


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("deflate, gzip;q=0.5", True),
        ("br , gzip ; q=1.0, *", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, identity", False),
        ("identity", False),
        ("xgzip, gzipped", False),
        ("", False),
    ],
)
def test_large_answers_are_compressed_for_who_accepts_it(
    operations: Operations, accepted: str, compressed: bool
) -> None:
    for _ in range(5):
        place_order(operations.http, operations.product_id)
    plain = operations.http.get("/orders")
    assert len(str(plain.body)) > 1024
    answer = operations.http.get("/orders", {**CUSTOMER, "Accept-Encoding": accepted})
    assert answer.body == plain.body
    assert (answer.headers.get("content-encoding") == "gzip") == compressed
    assert answer.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert answer.headers["etag"] == plain.headers["etag"]


@pytest.mark.usefixtures("service")
def test_small_answers_are_not_compressed(http: Api) -> None:
    answer = http.get("/health", {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_the_deployed_gateway_compresses_from_the_same_size_on(service: Container[Any]) -> None:
    del service
    import json  # noqa: PLC0415 - here alone
    from pathlib import Path  # noqa: PLC0415 - the same

    config = json.loads((Path(__file__).parents[3] / ".chalice" / "config.json").read_text())
    assert config["minimum_compression_size"] == 1024
