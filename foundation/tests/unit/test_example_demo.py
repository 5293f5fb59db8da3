"""A service without a demo of its own: the command that its examples make up, and its refusal."""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Annotated, Any, cast

import pytest
from msgspec import Meta

from carafe.api.endpoints import Endpoints, Operation
from carafe.contracts.base import Command, Contract, Query
from carafe.development.demo import ExampleDemo, creating_operations
from carafe.development.first_event import DemoFailed, FirstEvent, OwnDemoNeeded, Place
from carafe.development.project import Project
from carafe.development.rehearse.errors import RehearsalFailed
from carafe.development.rehearse.example_rehearsal import possible_creations
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import Message
from tests.support.http_server import serving

LOAN = "loan-1"


class RequestLoan(Command, frozen=True):
    """Ask for a book."""

    wire_name = "lending.request_loan"
    scope = "loans:write"
    title: Annotated[str, Meta(max_length=60, examples=["Effi Briest"])]


class RenewLoan(Command, frozen=True):
    """Keep it; nobody can guess the code."""

    wire_name = "lending.renew_loan"
    scope = "loans:write"
    code: Annotated[str, Meta(pattern="^[A-Z]{9}$")]


class FindLoans(Query, frozen=True):
    """All of them, or one."""

    scope = "loans:read"
    id: str = ""


class LoansOf(Query, frozen=True):
    """Those of a branch, which has to be named."""

    scope = "loans:read"
    branch: str


class Loan(Contract, frozen=True):
    """One."""

    id: str


class _Handler(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        server = cast(LendingServer, self.server)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.requests.append((self.command, self.path, body))
        server.bus.publish([server.event], time.monotonic() + 1)
        answer = json.dumps({"id": LOAN, "version": 1, "detail": "no such reader"}).encode()
        self.send_response(server.refused.get(self.path, server.status))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class LendingServer(ThreadingHTTPServer):
    """Answers every command alike, and publishes its event.

    Attributes:
        status: of its answers.
        refused: another status by path.
        requests: method, path and body of each.
        bus: on which the event goes.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 201
        self.refused: dict[str, int] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.bus = MemoryBus()
        self.event = Message("event-1", "loan", "loan", json.dumps({"subject": LOAN}).encode())

    def told(self, endpoints: Endpoints) -> FirstEvent | None:
        """Run the demo of a service with these routes against this server."""
        url = f"http://127.0.0.1:{self.server_address[1]}"
        place = PlaceWithoutIssuer(url, "", "")
        demo = ExampleDemo(a_project(endpoints.operations))
        return demo.cause_first_event(place, self.bus, lambda _said: None)


class PlaceWithoutIssuer(Place):
    """Signs in nobody."""

    def sign_in(self, subject: str, scope: str) -> dict[str, str]:  # noqa: ARG002 - of the base
        """Return no header."""
        return {}


@pytest.fixture
def server() -> Iterator[LendingServer]:
    """Return a server that runs."""
    running = LendingServer()
    with serving(running):
        yield running


def a_project(operations: list[Operation]) -> Project:
    """Return what the demo reads of a service with these routes."""
    told = SimpleNamespace(
        functions=SimpleNamespace(operations=operations),
        service=SimpleNamespace(scopes={"loans:write": ""}),
    )
    return cast(Project, told)


def routes() -> Endpoints:
    """Return routes of which the first ones need a reader who is there."""
    endpoints = Endpoints("loans")
    endpoints.command("POST", "/readers/{reader_id}/loans", RequestLoan, creates=True)
    endpoints.query("/loans/{id}", FindLoans, Loan)
    endpoints.command("PUT", "/loans", RequestLoan, creates=True)
    return endpoints


def test_what_makes_something_has_no_parameter_in_its_path() -> None:
    operations = routes().operations
    assert creating_operations(operations) == [operations[2]]
    assert creating_operations(operations[:2]) == []


def test_it_is_sent_by_its_own_method(server: LendingServer) -> None:
    done = server.told(routes())
    assert done is not None
    assert done.event["subject"] == LOAN
    [(method, path, body)] = server.requests
    assert (method, path, list(body)) == ("PUT", "/loans", ["title"])


def test_an_example_that_is_refused_asks_for_a_demo(server: LendingServer) -> None:
    server.status = 422
    with pytest.raises(OwnDemoNeeded) as caught:
        server.told(routes())
    said = "the example of RequestLoan is refused: PUT /loans answered 422: no such reader: "
    assert str(caught.value) == said + "write a demo for the service in local/demo.py"


def test_what_is_refused_makes_way_for_the_next_that_can_be_sent(server: LendingServer) -> None:
    """As that of an aggregate which requires another one."""
    endpoints = Endpoints("loans")
    endpoints.command("POST", "/renewals", RenewLoan, creates=True)
    endpoints.command("POST", "/loans", RequestLoan, creates=True)
    endpoints.command("POST", "/requests", RequestLoan, creates=True)
    server.refused = {"/loans": 422}
    done = server.told(endpoints)
    assert done is not None
    assert done.event["subject"] == LOAN
    assert [path for _, path, _ in server.requests] == ["/loans", "/requests"]
    possible = possible_creations(a_project(endpoints.operations))
    assert [each.path for each in possible] == ["/loans", "/requests"]


def test_a_service_that_fails_needs_no_demo_but_a_remedy(server: LendingServer) -> None:
    server.status = 503
    with pytest.raises(DemoFailed, match="answered 503: no such reader") as caught:
        server.told(routes())
    assert type(caught.value) is DemoFailed


def test_a_command_without_a_fitting_example_asks_for_a_demo(server: LendingServer) -> None:
    endpoints = Endpoints("loans")
    endpoints.command("POST", "/loans", RenewLoan, creates=True)
    with pytest.raises(OwnDemoNeeded, match=r"RenewLoan has no example .* local/demo\.py$"):
        server.told(endpoints)
    assert server.requests == []
    with pytest.raises(RehearsalFailed, match=r"RenewLoan has no .* local/rehearsal\.py$"):
        possible_creations(a_project(endpoints.operations))


def test_a_rehearsal_plays_the_same_operation() -> None:
    operations = routes().operations
    assert possible_creations(a_project(operations)) == [operations[2]]
    with pytest.raises(RehearsalFailed, match="no command creates an aggregate yet"):
        possible_creations(a_project(operations[:2]))


def test_what_may_be_looked_at_is_a_path_to_be_typed_as_it_stands() -> None:
    endpoints = routes()
    assert ExampleDemo(a_project(endpoints.operations)).example_path == "/health"
    endpoints.query("/branches/loans", LoansOf, Loan)
    assert ExampleDemo(a_project(endpoints.operations)).example_path == "/health"
    endpoints.query("/loans", FindLoans, Loan)
    assert ExampleDemo(a_project(endpoints.operations)).example_path == "/loans"
