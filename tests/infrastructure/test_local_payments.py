"""The payment service of the local stack, over HTTP."""

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from carafe.development.servers.stack import Stack
from carafe.testing.processes import wait_until

from local.payment_ledger import Ledger

CHARGE = {"reference": "order-1", "amount": "12.50", "currency": "EUR", "payment_method": "card"}


class Payments:
    """A client of the service; each has references and keys of its own."""

    def __init__(self, url: str, name: str) -> None:
        self._pool = urllib3.PoolManager(retries=False)
        self._url = url
        self._name = name
        self.wanted = CHARGE | {"reference": name}

    def close(self) -> None:
        self._pool.clear()

    def charge(
        self, key: str = "key", timeout: float = 5, **fields: str
    ) -> urllib3.BaseHTTPResponse:
        return self.send(json.dumps(self.wanted | fields).encode(), key, timeout)

    def send(self, body: bytes, key: str, timeout: float = 5) -> urllib3.BaseHTTPResponse:
        headers = {"Idempotency-Key": f"{self._name}-{key}"} if key else {}
        url = f"{self._url}/charges"
        return self._pool.request("POST", url, body=body, headers=headers, timeout=timeout)

    def void(self, key: str = "key") -> urllib3.BaseHTTPResponse:
        body = {"reference": self._name, "key": f"{self._name}-{key}"}
        return self.post("voids", body)

    def post(self, page: str, body: object) -> urllib3.BaseHTTPResponse:
        return self._pool.request("POST", f"{self._url}/{page}", json=body)

    def captured(self) -> list[Any]:
        return self.listed("charges")

    def listed(self, what: str) -> list[Any]:
        fields = {"reference": self._name}
        answer = self._pool.request("GET", f"{self._url}/{what}", fields=fields)
        return list(answer.json()[what])


@pytest.fixture
def payments(stack: Stack, request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - a generator
    client = Payments(stack.environment["PAYMENTS_URL"], request.node.name)
    yield client
    client.close()


def test_a_charge_is_captured_once(payments: Payments) -> None:
    first = payments.charge()
    assert (first.status, first.json()["status"]) == (201, "captured")
    assert "Idempotent-Replayed" not in first.headers
    again = payments.charge()
    assert (again.status, again.json()) == (first.status, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [each["id"] for each in payments.captured()] == [first.json()["id"]]
    assert payments.captured()[0]["amount"] == "12.50"


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that interrupt each other wherever they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # seconds
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_charges_at_the_same_moment_are_captured_once() -> None:
    ledger = Ledger()
    with ThreadPoolExecutor(8) as pool:
        for key in map(str, range(50)):
            answers = list(pool.map(lambda _, key=key: ledger.charge(key, CHARGE), range(8)))
            assert len({answer.body["id"] for answer in answers}) == 1
    assert len(ledger.charges()) == 50


def test_a_key_used_for_another_charge_is_refused(payments: Payments) -> None:
    payments.charge()
    assert payments.charge(amount="13.00").status == 422
    assert len(payments.captured()) == 1


def test_another_key_is_another_charge(payments: Payments) -> None:
    assert payments.charge("one").json()["id"] != payments.charge("two").json()["id"]
    assert len(payments.captured()) == 2


def test_a_declined_charge_captures_nothing_and_stays_declined(payments: Payments) -> None:
    for replayed in (None, "true"):
        answer = payments.charge(payment_method="declined")
        assert answer.status == 402
        assert answer.json() == {"status": "declined", "reason": "insufficient_funds"}
        assert answer.headers.get("Idempotent-Replayed") == replayed
    assert payments.captured() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 12.5},
        {"amount": "0.00"},
        {"amount": "-1"},
        {"amount": "1e3"},
        {"amount": ""},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"reference": ""},
        {"payment_method": None},
        {"payment_method": ["card"]},
        {"unknown": "field"},
    ],
)
def test_a_malformed_charge_is_refused(payments: Payments, fields: dict[str, Any]) -> None:
    body = json.dumps(payments.wanted | fields).encode()
    assert payments.send(body, "key").status == 400
    assert payments.captured() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b"[" * 60_000])
def test_a_body_that_is_no_charge_is_refused(payments: Payments, body: bytes) -> None:
    assert payments.send(body, "key").status == 400


def test_a_charge_without_key_is_refused(payments: Payments) -> None:
    answer = payments.charge(key="")
    assert (answer.status, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_body_that_is_too_long_is_refused(payments: Payments) -> None:
    answer = payments.send(b" " * 70_000, "key")
    assert (answer.status, answer.json()["code"]) == (400, "body_missing_or_too_long")


# Voids and refunds


def test_a_void_tells_the_answer_to_the_charge(payments: Payments) -> None:
    for key, method in (("one", "card"), ("two", "declined")):
        charged = payments.charge(key, payment_method=method)
        told = payments.void(key)
        assert (told.status, told.json()) == (charged.status, charged.json())
    assert len(payments.captured()) == 1


def test_a_voided_key_captures_nothing_any_more(payments: Payments) -> None:
    for _ in range(2):
        told = payments.void()
        assert (told.status, told.json()) == (200, {"status": "voided"})
    refused = payments.charge()
    assert (refused.status, refused.json()) == (409, {"status": "voided"})
    assert payments.captured() == []


def test_a_charge_is_given_back_once(payments: Payments) -> None:
    charge = payments.charge().json()["id"]
    first, again = (payments.post("refunds", {"charge": charge}) for _ in range(2))
    assert (first.status, first.json()["status"]) == (201, "refunded")
    assert (again.status, again.json()) == (first.status, first.json())
    (refund,) = payments.listed("refunds")
    assert (refund["charge"], refund["amount"], refund["currency"]) == (charge, "12.50", "EUR")


def test_a_charge_that_there_is_not_is_not_given_back(payments: Payments) -> None:
    answer = payments.post("refunds", {"charge": "charge_0"})
    assert (answer.status, answer.json()["code"]) == (404, "no_such_charge")


def test_what_became_of_each_key_is_listed(payments: Payments) -> None:
    payments.charge("one")
    payments.charge("two", payment_method="declined")
    payments.void("three")
    attempts = {
        each["key"].rpartition("-")[2]: each["status"] for each in payments.listed("attempts")
    }
    assert attempts == {"one": "captured", "two": "declined", "three": "voided"}


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("voids", {}),
        ("voids", {"key": "k"}),
        ("voids", {"key": "", "reference": "r"}),
        ("refunds", []),
        ("refunds", {"charge": 7}),
        ("refunds", {"charge": "c", "amount": "1.00"}),
    ],
)
def test_a_malformed_void_or_refund_is_refused(payments: Payments, page: str, body: object) -> None:
    answer = payments.post(page, body)
    assert (answer.status, answer.json()["code"]) == (400, f"malformed_{page[:-1]}")


def test_requests_share_a_connection_without_delay(stack: Stack) -> None:
    parts = urlsplit(stack.environment["PAYMENTS_URL"])
    with socket.create_connection((parts.hostname or "", parts.port or 0), 5) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        answers = b""
        while answers.count(b'{"status": "ok"}') < 2:
            answers += connection.recv(4096)
    assert answers.count(b"HTTP/1.1 200 OK") == 2


def test_an_unknown_page_is_not_found(stack: Stack) -> None:
    for method in ("GET", "POST"):
        url = stack.environment["PAYMENTS_URL"] + "/nothing"
        assert urllib3.request(method, url, retries=False).status == 404


# What goes wrong on demand


def plan(stack: Stack, **values: object) -> urllib3.BaseHTTPResponse:
    url = stack.environment["PAYMENTS_URL"] + "/faults"
    return urllib3.request("POST", url, json=values, retries=False)


def forget_faults(stack: Stack) -> None:
    url = stack.environment["PAYMENTS_URL"] + "/faults"
    assert urllib3.request("DELETE", url, retries=False).status == 200


@pytest.mark.parametrize("fault", ["server_error", "garbage", "half_answer", "refused"])
def test_a_fault_spoils_so_many_answers_and_no_charge(
    payments: Payments, stack: Stack, fault: str
) -> None:
    reference = payments.wanted["reference"]
    assert plan(stack, fault=fault, times=2, reference=reference).status == 200
    for _ in range(2):
        assert not is_captured(payments)
    assert is_captured(payments)
    assert len(payments.captured()) == 1


def is_captured(payments: Payments) -> bool:
    """Charge, and tell whether the answer says that it was captured."""
    try:
        answer = payments.charge()
        return bool(answer.status == 201 and answer.json()["status"] == "captured")
    except (urllib3.exceptions.HTTPError, ValueError):
        return False


def test_a_slow_answer_does_not_come_but_the_money_is_gone(
    payments: Payments, stack: Stack
) -> None:
    plan(stack, fault="slow", reference=payments.wanted["reference"])
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        payments.charge(timeout=0.2)
    assert len(payments.captured()) == 1


def test_a_late_charge_captures_the_money_after_its_caller_has_gone(
    payments: Payments, stack: Stack
) -> None:
    plan(stack, fault="late", reference=payments.wanted["reference"])
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        payments.charge(timeout=0.2)
    assert payments.captured() == []
    forget_faults(stack)
    wait_until(lambda: len(payments.captured()) == 1)


@pytest.mark.parametrize("operation", ["void", "refund"])
def test_other_operations_fail_as_well_and_are_done(
    payments: Payments, stack: Stack, operation: str
) -> None:
    reference = payments.wanted["reference"]
    charge = payments.charge().json()["id"]
    plan(stack, fault="server_error", operation=operation, reference=reference)
    for expected in (500, 201):
        answer = (
            payments.void() if operation == "void" else payments.post("refunds", {"charge": charge})
        )
        assert answer.status == expected
    assert len(payments.listed("refunds")) == (1 if operation == "refund" else 0)


def test_a_method_that_is_a_fault_goes_wrong_every_time(payments: Payments) -> None:
    for _ in range(3):
        assert payments.charge(payment_method="server_error").status == 500


def test_faults_of_others_and_forgotten_ones_do_not_matter(
    payments: Payments, stack: Stack
) -> None:
    plan(stack, fault="garbage", times=9, reference="somebody else")
    assert is_captured(payments)
    plan(stack, fault="garbage", times=9, reference=payments.wanted["reference"])
    forget_faults(stack)
    assert is_captured(payments)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"fault": "boredom"},
        {"fault": ["slow"]},
        {"fault": "slow", "times": 0},
        {"fault": "slow", "times": "2"},
        {"fault": "slow", "reference": 7},
        {"fault": "slow", "operation": "tea"},
        {"fault": "slow", "unknown": 1},
    ],
)
def test_a_malformed_fault_is_refused(stack: Stack, values: dict[str, object]) -> None:
    answer = plan(stack, **values)
    assert (answer.status, answer.json()["code"]) == (400, "malformed_fault")
