"""Both services on real servers of their own, with orders in them, for as long as a run takes."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from benchmarks import api_requests
from carafe.development.deployment.tools import folder_of
from carafe.development.local_service import queue_environment
from carafe.development.project import enter_project, project
from carafe.development.servers.process import Report
from carafe.development.servers.stack import Stack
from carafe.development.tokens import bearer, fetch_token
from local.servers import SERVERS

from . import load, processes
from .arrivals import Arrivals
from .generator import Job
from .sides import Carafe, Peer, Side, pause, resume

REQUIREMENTS = Path(__file__).with_name("requirements.txt")

LISTED = 20
CONNECTIONS_FOR_SEEDING = 8
AUDIENCE = "ordering"
SCOPES = "orders:read orders:write"
PATIENCE_SECONDS = 120.0

MONGOD, BROKER, SQS = "mongod", "RabbitMQ", "SQS by moto"

POST, GET, LIST = "POST an order", "GET by id", f"list of {LISTED}"


class NotEqual(Exception):
    """The services answer differently, so that a comparison would mean nothing."""


@dataclass(frozen=True)
class Contender:
    """A side, ready to be measured.

    Attributes:
        side: the running service.
        arrivals: its events.
        tokens: of its customers.
        requests: what is sent, by its name, in turns.
    """

    side: Side
    arrivals: Arrivals
    tokens: Sequence[str]
    requests: Mapping[str, list[str]]


@dataclass(frozen=True)
class Bench:
    """All that is compared.

    Attributes:
        contenders: the two, paused.
        servers: process ids of what both use, by name.
    """

    contenders: Sequence[Contender]
    servers: Mapping[str, int]

    def processor_seconds(self, contender: Contender) -> dict[str, float]:
        """Return what each process has cost until now."""
        own = {
            role: sum(map(processes.processor_seconds, pids))
            for role, pids in contender.side.pids.items()
        }
        return own | {name: processes.processor_seconds(pid) for name, pid in self.servers.items()}


@contextmanager
def running_bench(report: Report, worker_count: int, customers: int) -> Iterator[Bench]:
    """Start the servers and both services, and place the first orders.

    Args:
        report: called with each step that takes long.
        worker_count: how many processes serve each API.
        customers: who place and read orders, each with an access token of its own.

    Raises:
        NotEqual: the services do not answer alike.
    """
    enter_project()
    packages = folder_of(REQUIREMENTS, report)
    with ExitStack() as exits:
        folder = Path(exits.enter_context(_temporary_folder()))
        report("starting MongoDB, RabbitMQ, SQS and a token issuer")
        servers = Stack(folder / "servers", {}, SERVERS, preferred_ports=False)
        stack = exits.enter_context(servers)
        os.environ.update(stack.environment)
        environment = _environment(stack, worker_count)
        report("starting both services")
        sides: list[Side] = [
            Carafe(folder / "ours", {**environment, "MONGO_DATABASE": "ours"}),
            Peer(folder, {**environment, "MONGO_DATABASE": "peer"}, packages, worker_count),
        ]
        contenders = [_contender(each, stack, customers, exits) for each in sides]
        _require_equal(contenders)
        for each in sides:
            exits.callback(resume, each)
            pause(each)
        yield Bench(contenders, _servers(stack))


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder in the project, since the functions run below its root."""
    parent = project().root / ".local"
    parent.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(dir=parent, prefix="bench-http-")


def _environment(stack: Stack, worker_count: int) -> dict[str, str]:
    return {
        **stack.environment,
        **queue_environment(stack.environment["AWS_ENDPOINT_URL"]),
        "SERVICE_NAME": "ordering",
        "EVENT_BUS_TYPE": "rabbitmq",
        "TOKEN_AUDIENCE": AUDIENCE,
        "API_PROCESSES": str(worker_count),
    }


def _servers(stack: Stack) -> dict[str, int]:
    servers = {MONGOD: stack.mongodb, BROKER: stack.rabbitmq, SQS: stack.aws}
    return {
        name: server.process.pid
        for name, server in servers.items()
        if server is not None and server.process.pid is not None
    }


def _contender(side: Side, stack: Stack, customers: int, exits: ExitStack) -> Contender:
    exits.callback(side.stop)
    side.start()
    queue = f"bench-{side.exchange}"
    arrivals = exits.enter_context(
        Arrivals(stack.environment["RABBITMQ_URL"], side.exchange, queue)
    )
    issuer = stack.environment["TOKEN_ISSUER"]
    tokens = [
        fetch_token(issuer, AUDIENCE, f"customer-{number}", SCOPES) for number in range(customers)
    ]
    products = side.add_products()
    placing = [_place(each, products) for each in tokens]
    _seed(side, arrivals, placing)
    return Contender(side, arrivals, tokens, {POST: placing, **_reading(side, tokens)})


def _seed(side: Side, arrivals: Arrivals, placing: list[str]) -> None:
    """Place more orders than a page has for each customer."""
    count = len(placing) * (LISTED + 2)
    job = Job(side.port, CONNECTIONS_FOR_SEEDING, PATIENCE_SECONDS, placing, count)
    order_ids = load.run_without_failures(job).created_ids
    if missing := arrivals.wait_for(order_ids, PATIENCE_SECONDS):
        raise load.LoadFailed(f"{side.name}: {missing} events did not arrive")


def _place(token: str, product_ids: Sequence[str]) -> str:
    lines = [{"product_id": each, "quantity": 2} for each in product_ids]
    body = {"lines": lines, "shipping_address": api_requests.ADDRESS}
    return load.request("POST", "/orders", token, body, ["Idempotency-Key: @KEY@"])


def _reading(side: Side, tokens: Sequence[str]) -> dict[str, list[str]]:
    """Return the requests that read, each by the customer of the order."""
    pages = [_answer(side, f"/orders?limit={LISTED}", each)["items"] for each in tokens]
    return {
        GET: [
            load.request("GET", f"/orders/{order['id']}", token)
            for turn in zip(*pages, strict=True)
            for token, order in zip(tokens, turn, strict=True)
        ],
        LIST: [load.request("GET", f"/orders?limit={LISTED}", each) for each in tokens],
    }


def _require_equal(contenders: Sequence[Contender]) -> None:
    """Require that the services answer alike, but for ids and times."""
    ours, theirs = (_pages_and_orders(each) for each in contenders)
    if ours != theirs:
        raise NotEqual(f"{ours} is not {theirs}")


def _pages_and_orders(contender: Contender) -> object:
    side, token = contender.side, contender.tokens[0]
    page = _answer(side, f"/orders?limit={LISTED}", token)
    order = _answer(side, f"/orders/{page['items'][0]['id']}", token)
    if order != page["items"][0] or not page["next_cursor"]:
        raise NotEqual(f"{side.name}: {order} is not the first of {page}")
    return [_without_ids(each) for each in page["items"]]


def _without_ids(order: dict[str, Any]) -> dict[str, Any]:
    lines = [{**each, "product_id": ""} for each in order["lines"]]
    return {**order, "id": "", "placed_at": "", "lines": lines}


def _answer(side: Side, path: str, token: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{side.port}{path}"
    answer = urllib3.request("GET", url, headers=bearer(token), retries=False)
    if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
        raise load.LoadFailed(f"{side.name} answered {answer.status}: {answer.data.decode()}")
    body: dict[str, Any] = answer.json()
    return body
