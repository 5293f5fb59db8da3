"""Commands sent twice take effect once; changes of another version are not made (F48)."""

from typing import Any

import pytest

from carafe.infrastructure.container import Container
from tests.support.operations import BY_NAME, Caller, prepared
from tests.support.requests import CUSTOMER, MERCHANT, OPERATOR, Api, Headers

COMMANDS = [name for name, each in BY_NAME.items() if not each.is_query]
CHANGES = [name for name in COMMANDS if BY_NAME[name].has_precondition]
NEEDS_PAID = {"ShipOrder"}
NEEDS_SHIPPED = {"DeliverOrder"}


@pytest.fixture
def caller(http: Api) -> Caller:
    return prepared(http)


def sender(name: str) -> Headers:
    """Return somebody who may send a command."""
    if BY_NAME[name].tag == "products":
        return MERCHANT
    return OPERATOR if BY_NAME[name].message.scope == "operations" else CUSTOMER


def made_ready(caller: Caller, name: str) -> int:
    """Bring the order to where a command is allowed, and return the version of what changes."""
    steps = ["PayOrder", "ShipOrder"]
    needed = 2 if name in NEEDS_SHIPPED else 1 if name in NEEDS_PAID else 0
    for step in steps[:needed]:
        assert caller.call(step, sender(step)).status == 200
    return 1 + needed


def stored(service: Container[Any]) -> list[object]:
    return [list(service.database[name].find().sort("_id")) for name in ("orders", "products")]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_repeat_changes_nothing_gets_the_first_answer_and_is_marked(
    caller: Caller, service: Container[Any], name: str
) -> None:
    made_ready(caller, name)
    key = {**(sender(name) or {}), "Idempotency-Key": "once"}
    first = caller.call(name, key)
    before = stored(service)
    again = caller.call(name, {**key, "If-Match": '"99"', "X-Correlation-Id": "another"})
    assert first.status in {200, 201}
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert (again.status, again.body) == (first.status, first.body)
    for header in ("etag", "location"):
        assert again.headers.get(header) == first.headers.get(header)
    assert stored(service) == before


def test_the_first_answer_comes_again_after_the_state_has_moved_on(caller: Caller) -> None:
    key = {**CUSTOMER, "Idempotency-Key": "once"}
    first = caller.call("ChangeShippingAddress", key)
    assert caller.call("PayOrder", CUSTOMER).body["version"] == 3
    assert caller.call("ShipOrder", OPERATOR).body["version"] == 4
    again = caller.call("ChangeShippingAddress", key)
    assert (again.status, again.body, again.headers["etag"]) == (200, first.body, '"2"')


def test_one_key_may_pay_several_orders(caller: Caller) -> None:
    other = caller.call("PlaceOrder", CUSTOMER).body["id"]
    key = {**CUSTOMER, "Idempotency-Key": "pay-all"}
    for order_id in (caller.order_id, other):
        paid = caller.call("PayOrder", key, order_id=order_id)
        assert (paid.status, paid.body["id"]) == (200, order_id)


def test_without_a_key_a_repeat_is_another_command(caller: Caller) -> None:
    first, second = (caller.call("PlaceOrder", CUSTOMER) for _ in range(2))
    assert first.body["id"] != second.body["id"]
    assert "idempotent-replayed" not in second.headers


@pytest.mark.parametrize("name", COMMANDS)
def test_a_refused_command_may_be_sent_again_with_its_key(caller: Caller, name: str) -> None:
    made_ready(caller, name)
    key = {**(sender(name) or {}), "Idempotency-Key": "once"}
    refused = {**key, "Content-Type": "text/plain"}
    assert caller.call(name, refused).status == 415
    done = caller.call(name, key)
    assert done.status in {200, 201}
    assert "idempotent-replayed" not in done.headers


# Versions


@pytest.mark.parametrize("name", CHANGES)
def test_the_expected_version_is_changed_and_another_is_not(
    caller: Caller, service: Container[Any], name: str
) -> None:
    version = made_ready(caller, name)
    before = stored(service)
    for tag in (f'"{version + 1}"', f'W/"{version}"', '"0"', '"abc"', f'"{version - 1}", "77"'):
        refused = caller.call(name, {**(sender(name) or {}), "If-Match": tag})
        assert (refused.status, refused.body["code"]) == (412, "precondition_failed")
        assert f"version {version}" in refused.body["detail"]
    assert stored(service) == before
    done = caller.call(name, {**(sender(name) or {}), "If-Match": f'"77", "{version}"'})
    assert (done.status, done.headers["etag"]) == (200, f'"{version + 1}"')


@pytest.mark.parametrize("name", CHANGES)
def test_a_star_matches_whatever_is_there(caller: Caller, name: str) -> None:
    made_ready(caller, name)
    assert caller.call(name, {**(sender(name) or {}), "If-Match": "*"}).status == 200


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("tag", ["1", '"1', "nonsense", ""])
def test_a_malformed_if_match_is_refused(caller: Caller, name: str, tag: str) -> None:
    refused = caller.call(name, {**(sender(name) or {}), "If-Match": tag})
    assert (refused.status, refused.body["code"]) == (400, "malformed_if_match")


def test_the_tag_that_was_read_can_be_sent_back(caller: Caller) -> None:
    order = f"/orders/{caller.order_id}"
    read = caller.http.get(order)
    headers = {**CUSTOMER, "If-Match": read.headers["etag"]}
    changed = caller.call("ChangeShippingAddress", headers)
    assert changed.status == 200
    assert caller.http.get(order).headers["etag"] == changed.headers["etag"]
    assert caller.call("CancelOrder", headers).status == 412


def test_no_money_moves_for_another_version(caller: Caller, service: Container[Any]) -> None:
    import urllib3  # noqa: PLC0415 - here alone

    refused = caller.call("PayOrder", {**CUSTOMER, "If-Match": '"7"'})
    assert refused.status == 412
    url = f"{service.settings.payments_url}/charges?reference={caller.order_id}"
    assert urllib3.request("GET", url).json()["charges"] == []
