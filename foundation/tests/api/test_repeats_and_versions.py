"""Commands sent twice take effect once; changes of another version are not made (F48)."""

from typing import Any

import pytest

from carafe.infrastructure.container import Container
from carafe.testing.http import Headers
from tests.support.callers import CUSTOMER, MERCHANT, OPERATOR
from tests.support.database import stored_documents
from tests.support.operations import BY_NAME, Operations

COMMANDS = [name for name, each in BY_NAME.items() if not each.is_query]
CHANGES = [name for name in COMMANDS if BY_NAME[name].has_precondition]
NEEDS_PAID = {"ShipOrder"}
NEEDS_SHIPPED = {"DeliverOrder"}
COMMITS = {"PayOrder": 2}
"""How many commits a command makes, if not one: an attempt to pay, and its outcome."""


def sender(name: str) -> Headers:
    """Return somebody who may send a command."""
    if BY_NAME[name].tag == "products":
        return MERCHANT
    return OPERATOR if BY_NAME[name].message.scope == "operations" else CUSTOMER


def prepare(operations: Operations, name: str) -> int:
    """Bring the order into the status that a command needs, and return the aggregate's version."""
    steps = ["PayOrder", "ShipOrder"]
    needed = 2 if name in NEEDS_SHIPPED else 1 if name in NEEDS_PAID else 0
    version = 1
    for step in steps[:needed]:
        answer = operations.call(step, sender(step))
        assert answer.status == 200
        version = answer.body["version"]
    return version


@pytest.mark.parametrize("name", COMMANDS)
def test_a_repeat_changes_nothing_gets_the_first_answer_and_is_marked(
    operations: Operations, service: Container[Any], name: str
) -> None:
    prepare(operations, name)
    key = {**(sender(name) or {}), "Idempotency-Key": "once"}
    first = operations.call(name, key)
    before = stored_documents(service)
    again = operations.call(name, {**key, "If-Match": '"99"', "X-Correlation-Id": "another"})
    assert first.status in {200, 201}
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.body) == (first.status, first.body)
    for header in ("etag", "location"):
        assert again.headers.get(header) == first.headers.get(header)
    assert stored_documents(service) == before


def test_the_first_answer_comes_again_after_the_state_has_moved_on(operations: Operations) -> None:
    key = {**CUSTOMER, "Idempotency-Key": "once"}
    first = operations.call("ChangeShippingAddress", key)
    assert operations.call("PayOrder", CUSTOMER).body["version"] == 4
    assert operations.call("ShipOrder", OPERATOR).body["version"] == 5
    again = operations.call("ChangeShippingAddress", key)
    assert (again.status, again.body, again.headers["etag"]) == (200, first.body, '"2"')


def test_one_key_may_pay_several_orders(operations: Operations) -> None:
    other = operations.call("PlaceOrder", CUSTOMER).body["id"]
    key = {**CUSTOMER, "Idempotency-Key": "pay-all"}
    for order_id in (operations.order_id, other):
        paid = operations.call("PayOrder", key, order_id=order_id)
        assert (paid.status, paid.body["id"]) == (200, order_id)


def test_without_a_key_a_repeat_is_another_command(operations: Operations) -> None:
    first, second = (operations.call("PlaceOrder", CUSTOMER) for _ in range(2))
    assert first.body["id"] != second.body["id"]
    assert "idempotent-replayed" not in second.headers


@pytest.mark.parametrize("name", COMMANDS)
def test_a_refused_command_may_be_sent_again_with_its_key(
    operations: Operations, name: str
) -> None:
    prepare(operations, name)
    key = {**(sender(name) or {}), "Idempotency-Key": "once"}
    refused = {**key, "Content-Type": "text/plain"}
    assert operations.call(name, refused).status == 415
    answer = operations.call(name, key)
    assert answer.status in {200, 201}
    assert "idempotent-replayed" not in answer.headers


# Versions


@pytest.mark.parametrize("name", CHANGES)
def test_the_expected_version_is_changed_and_another_is_not(
    operations: Operations, service: Container[Any], name: str
) -> None:
    version = prepare(operations, name)
    before = stored_documents(service)
    for tag in (f'"{version + 1}"', f'W/"{version}"', '"0"', '"abc"', f'"{version - 1}", "77"'):
        refused = operations.call(name, {**(sender(name) or {}), "If-Match": tag})
        assert (refused.status, refused.body["code"]) == (412, "precondition_failed")
        assert f"version {version}" in refused.body["detail"]
    assert stored_documents(service) == before
    answer = operations.call(name, {**(sender(name) or {}), "If-Match": f'"77", "{version}"'})
    after = version + COMMITS.get(name, 1)
    assert (answer.status, answer.headers["etag"]) == (200, f'"{after}"')


@pytest.mark.parametrize("name", CHANGES)
def test_a_star_matches_whatever_is_there(operations: Operations, name: str) -> None:
    prepare(operations, name)
    assert operations.call(name, {**(sender(name) or {}), "If-Match": "*"}).status == 200


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("tag", ["1", '"1', "nonsense", ""])
def test_a_malformed_if_match_is_refused(operations: Operations, name: str, tag: str) -> None:
    refused = operations.call(name, {**(sender(name) or {}), "If-Match": tag})
    assert (refused.status, refused.body["code"]) == (400, "malformed_if_match")


def test_the_tag_that_was_read_can_be_sent_back(operations: Operations) -> None:
    order = f"/orders/{operations.order_id}"
    read = operations.http.get(order)
    headers = {**CUSTOMER, "If-Match": read.headers["etag"]}
    changed = operations.call("ChangeShippingAddress", headers)
    assert changed.status == 200
    assert operations.http.get(order).headers["etag"] == changed.headers["etag"]
    assert operations.call("CancelOrder", headers).status == 412


def test_no_money_moves_for_another_version(
    operations: Operations, service: Container[Any]
) -> None:
    import urllib3  # noqa: PLC0415 - here alone

    refused = operations.call("PayOrder", {**CUSTOMER, "If-Match": '"7"'})
    assert refused.status == 412
    url = f"{service.settings.payments_url}/charges?reference={operations.order_id}"
    assert urllib3.request("GET", url).json()["charges"] == []
