"""The local shipping service: what it knows of its parcels, and what it tells."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from carafe.contracts.envelope import ReceivedEvent
from carafe.infrastructure.identifiers import new_id

from local.parcels import (
    DELIVERED,
    DELIVERY_SECONDS,
    DISPATCH,
    DISPATCH_SECONDS,
    DISPATCHED,
    RECALL,
    RECALLED,
    REFUSED,
    Fault,
    Parcels,
    Plan,
)
from local.servers import ShippingService


class Post:
    """Parcels, whose time is moved by hand."""

    def __init__(self) -> None:
        self._now = 0.0
        self.parcels = Parcels(lambda: self._now)

    def receive(self, wire_type: str, order_id: str = "o-1") -> ReceivedEvent:
        """Send a command, and return it."""
        command = ReceivedEvent(
            specversion="1.0",
            id=new_id(),
            source="/ordering",
            type=wire_type,
            data={"order_id": order_id},
        )
        self.parcels.receive(command)
        return command

    def let_pass(self, seconds: float) -> None:
        self._now += seconds

    def told(self) -> list[str]:
        """Return the types of the events that are new."""
        return [each.type for each in self.parcels.take_tellings()]

    def effects(self) -> list[str]:
        return [effect for each in self.parcels.of("o-1") for effect in each["effects"]]


@pytest.fixture
def post() -> Post:
    return Post()


def test_a_parcel_leaves_and_arrives_after_a_while(post: Post) -> None:
    post.receive(DISPATCH)
    assert post.told() == []
    post.let_pass(DISPATCH_SECONDS)
    assert post.told() == [DISPATCHED]
    post.let_pass(DELIVERY_SECONDS)
    assert post.told() == [DELIVERED]
    assert post.effects() == ["dispatched", "delivered"]


def test_a_command_that_comes_again_has_no_effect_and_the_same_answer(post: Post) -> None:
    post.parcels.plan(Plan(Fault.REFUSED, DISPATCH))
    post.parcels.receive(post.receive(DISPATCH))
    first, second = post.parcels.take_tellings()
    assert first == second
    assert post.effects() == ["refused dispatch"]


@pytest.mark.parametrize("seconds", [0.0, DISPATCH_SECONDS])
def test_a_parcel_that_is_recalled_does_not_arrive(post: Post, seconds: float) -> None:
    post.receive(DISPATCH)
    post.let_pass(seconds)
    post.told()
    post.receive(RECALL)
    post.let_pass(DISPATCH_SECONDS + DELIVERY_SECONDS)
    assert post.told() == [RECALLED]
    assert "delivered" not in post.effects()


def test_a_recall_may_overtake_what_it_recalls(post: Post) -> None:
    post.receive(RECALL)
    post.receive(DISPATCH)
    post.let_pass(DISPATCH_SECONDS)
    assert post.told() == [RECALLED]


def test_a_parcel_that_has_arrived_is_not_recalled(post: Post) -> None:
    post.receive(DISPATCH)
    post.let_pass(DISPATCH_SECONDS)
    post.told()
    post.let_pass(DELIVERY_SECONDS)
    post.told()
    command = post.receive(RECALL)
    (refusal,) = post.parcels.take_tellings()
    assert (refusal.type, refusal.data["command_id"]) == (REFUSED, command.id)


@pytest.mark.parametrize(
    ("fault", "told", "later"),
    [
        (Fault.SILENT, [], []),
        (Fault.REFUSED, [REFUSED], []),
        (Fault.LATE, [], [DISPATCHED]),
        (Fault.TWICE, [DISPATCHED, DISPATCHED], []),
    ],
)
def test_it_fails_on_demand(post: Post, fault: Fault, told: list[str], later: list[str]) -> None:
    post.parcels.plan(Plan(fault, RECALL))
    post.parcels.plan(Plan(fault, DISPATCH, "another"))
    post.parcels.plan(Plan(fault, DISPATCH, "o-1"))
    post.receive(DISPATCH)
    post.let_pass(DISPATCH_SECONDS)
    assert post.told() == told
    post.parcels.forget_faults()
    assert post.told() == later


# Over HTTP


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service without a broker, as with EVENT_BUS_TYPE=base."""
    folder: Path = tmp_path_factory.mktemp("shipping")
    server = ShippingService(folder)
    server.start()
    yield server.url
    server.stop()


def test_it_serves_without_a_broker(url: str) -> None:
    assert urllib3.request("GET", f"{url}/parcels").json() == {"parcels": []}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"fault": "silent"}',
        b'{"fault": "lost", "command": "dispatch"}',
        b'{"fault": "silent", "command": ["dispatch"]}',
        b'{"fault": "silent", "command": "dispatch", "order_id": 1}',
        b'{"fault": "silent", "command": "dispatch", "more": 1}',
    ],
)
def test_a_malformed_fault_is_refused(url: str, body: bytes) -> None:
    answer = urllib3.request("POST", f"{url}/faults", body=body)
    assert (answer.status, answer.json()["code"]) == (400, "malformed_fault")


def test_faults_are_planned_and_forgotten(url: str) -> None:
    fault: dict[str, Any] = {"fault": "silent", "command": "dispatch", "order_id": None}
    assert urllib3.request("POST", f"{url}/faults", json=fault).status == 200
    assert urllib3.request("DELETE", f"{url}/faults").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_pages_do_not_exist(url: str, method: str) -> None:
    answer = urllib3.request(method, f"{url}/nothing", body=b"{}" if method == "POST" else None)
    assert (answer.status, answer.json()["code"]) == (404, "no_such_page")
