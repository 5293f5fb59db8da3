"""Other services refuse, and stubs stand for them, over real HTTP."""

from collections.abc import Iterator

import pytest
from msgspec import Struct

from carafe.client.limits import Limits
from carafe.development.servers.ports import choose_port
from carafe.development.stubs.script import Stubbed
from carafe.development.stubs.server import Server
from carafe.domain.errors import InvalidValue, RuleBroken
from carafe.infrastructure.errors import ServiceUnavailable
from carafe.infrastructure.external_services.http_client import HttpClient, path_of
from carafe.testing.scripted_server import ScriptedServer, respond
from carafe.testing.stubs import Stub
from tests.support.http_server import serving

OPERATIONS = (
    Stubbed("check", "GET", "/policies/{policy_id}", {"plan": "full"}, {"policy_unknown": 404}),
    Stubbed("claim", "POST", "/policies/{policy_id}/claims", {"plan": "none"}),
)

PATIENCE = Limits(answer_seconds=0.3, total_seconds=5.0, attempts=1)


class Answer(Struct, frozen=True):
    """What the operations answer."""

    plan: str


class Unknown(RuleBroken):
    """There is no such policy."""

    def __init__(self) -> None:
        super().__init__("There is no such policy.")


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a stub."""
    server = Server(choose_port(), OPERATIONS)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def check(url: str, policy_id: str) -> str:
    """Ask for a policy, and return its plan."""
    path = path_of("/policies/{policy_id}", policy_id=policy_id)
    client = HttpClient(url, "insurance", PATIENCE)
    return client.send("GET", path, {200: Answer}, refusals={404: Unknown}).plan


def claim(url: str, body: object) -> str:
    """Claim something, and return the plan."""
    client = HttpClient(url, "insurance", PATIENCE)
    path = "/policies/1/claims"
    answer = client.send("POST", path, {200: Answer}, body=body, idempotency_key="key-1")
    return answer.plan


def test_a_status_that_refuses_is_an_error_whatever_the_body_says() -> None:
    with ScriptedServer(respond(b"<html>", 404)) as server, pytest.raises(Unknown):
        check(server.url, "1")


def test_many_refusals_are_no_outage() -> None:
    with ScriptedServer(*[respond({}, 404)] * 20, respond({"plan": "full"})) as server:
        client = HttpClient(server.url, "insurance", PATIENCE)
        for _ in range(20):
            with pytest.raises(Unknown):
                client.send("GET", "/", {200: Answer}, refusals={404: Unknown})
        assert client.send("GET", "/", {200: Answer}).plan == "full"


@pytest.mark.parametrize(
    ("value", "path"),
    [("a b/c?d#e%", "/policies/a%20b%2Fc%3Fd%23e%25/x"), (7, "/policies/7/x"), ("...", None)],
)
def test_a_parameter_is_one_part_of_a_path(value: object, path: str | None) -> None:
    made = path_of("/policies/{template}/x", template=value)
    assert made == (path or f"/policies/{value}/x")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_parameter_cannot_lead_to_another_path(value: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        path_of("/policies/{policy_id}", policy_id=value)
    assert refusal.value.field == "policy_id"


def test_a_stub_answers_and_remembers_what_it_was_asked(url: str) -> None:
    assert (check(url, "a/b"), claim(url, {"costs": 1})) == ("full", "none")
    assert Stub(url).requests("check")[-1]["path"] == "/policies/a%2Fb"
    claimed = Stub(url).requests("claim")[-1]
    assert (claimed["body"], claimed["key"]) == ({"costs": 1}, "key-1")


@pytest.mark.parametrize("fault", ["slow", "server_error", "garbage", "half_answer", "hang_up"])
def test_a_stub_fails_on_demand(url: str, fault: str) -> None:
    with Stub(url).failing(fault), pytest.raises(ServiceUnavailable):
        check(url, "1")
    assert check(url, "1") == "full"


def test_a_value_that_names_a_fault_or_a_refusal_demands_it(url: str) -> None:
    with pytest.raises(ServiceUnavailable):
        claim(url, {"remark": "hang_up"})
    with pytest.raises(Unknown):
        check(url, "policy_unknown")


def test_a_fault_may_be_of_one_operation(url: str) -> None:
    with Stub(url).failing("policy_unknown", "check"):
        assert claim(url, {}) == "none"
        with pytest.raises(Unknown):
            check(url, "1")


@pytest.mark.parametrize(
    ("fault", "operation"), [("lost", ""), ("policy_unknown", "claim"), ("slow", "ask")]
)
def test_a_stub_knows_its_faults(url: str, fault: str, operation: str) -> None:
    with pytest.raises(AssertionError, match="no_such_fault"), Stub(url).failing(fault, operation):
        pass
