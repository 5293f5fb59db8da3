"""The servers of the stack: they start, keep their data, and leave nothing behind."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from carafe.development.servers.aws import AwsServer
from carafe.development.servers.errors import (
    AlreadyRunning,
    LocalServerError,
    PortTaken,
    ServerFailed,
)
from carafe.development.servers.mongodb import MongoServer
from carafe.development.servers.ports import choose_port
from carafe.development.servers.process import Report
from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import TRYING_OTHERS, Stack
from carafe.testing.processes import wait_until
from local.servers import SERVERS
from tests.support.local_servers import (
    documents,
    listeners_of,
    listens,
    processes_of,
    publish,
    received,
    store,
)
from tests.support.places import ROOT

RUNS_A_STACK = """
import pathlib, sys, time
from carafe.development.servers.stack import Stack
with Stack(pathlib.Path(sys.argv[1]), {}, preferred_ports=False) as stack:
    print(stack.environment["MONGO_URI"], stack.environment["RABBITMQ_URL"], flush=True)
    time.sleep(600)
"""

STARTS_RABBITMQ = """
import pathlib, sys
from carafe.development.servers.process import Report
from carafe.development.servers.rabbitmq import RabbitServer
RabbitServer(pathlib.Path(sys.argv[1])).start()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a name that needs care."""
    return tmp_path / "ein Ordner für alles"


@pytest.fixture
def mongodb(folder: Path) -> Iterator[MongoServer]:
    server = MongoServer(folder)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def rabbitmq(folder: Path) -> Iterator[RabbitServer]:
    server = RabbitServer(folder)
    server.start()
    yield server
    server.kill()


def test_every_server_listens_on_this_machine_alone(stack: Stack) -> None:
    assert listeners_of(processes_of(stack.folder)) == {"0100007F"}


def test_a_stopped_stack_leaves_no_process_and_no_port(folder: Path) -> None:
    reports = []
    stack = Stack(
        folder, {}, SERVERS, preferred_ports=False, progress=lambda *what: reports.append(what)
    )
    with stack:
        own = stack.others.values()
        servers = [stack.mongodb, stack.rabbitmq, stack.aws, stack.issuer, *own]
        ports = [server.port for server in servers if server]
        assert [listens(port) for port in ports] == [True] * 6
    assert processes_of(folder) == []
    assert [listens(port) for port in ports] == [False] * 6
    assert {part for part, message in reports if message.startswith("ready")} == {
        "MongoDB",
        "RabbitMQ",
        "SQS",
        "Payments",
        "Shipping",
        "Issuer",
    }


def test_a_killed_stack_leaves_nothing_and_loses_nothing(folder: Path) -> None:
    command = [sys.executable, "-c", RUNS_A_STACK, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        uri, url = parent.stdout.readline().split()
        store(uri, "variables")
        publish(url, "variables")
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: processes_of(folder) == [], 30)
    with Stack(folder, {}, preferred_ports=False) as stack:
        assert documents(stack.environment["MONGO_URI"]) == ["variables"]
        assert received(stack.environment["RABBITMQ_URL"]) == ["variables"]


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning) as error, Stack(stack.folder, {}):
        pass
    assert f"kill {(stack.folder / 'lock').read_text()}" in str(error.value)
    assert "\n" not in str(error.value)
    assert stack.mongodb
    assert stack.mongodb.process.pid


def test_a_part_that_fails_stops_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwsServer, "module", "no_such_module")
    began = time.monotonic()
    with pytest.raises(ServerFailed, match=r"SQS ended.*No module named no_such_module"):
        Stack(folder, {}, preferred_ports=False).start()
    assert processes_of(folder) == []
    assert time.monotonic() - began < 20  # RabbitMQ would take 30 s to stop in mid-start


def test_all_are_stopped_even_if_one_fails_to_stop(
    stack: Stack, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = ("MONGO_URI", "RABBITMQ_URL")
    environment = {name: stack.environment[name] for name in variables}
    other = Stack(folder, environment, SERVERS, preferred_ports=False)
    other.start()
    payments = other.others["PAYMENTS_URL"]
    stop = payments.stop

    def fail() -> None:
        raise RuntimeError("stuck")

    monkeypatch.setattr(payments.process, "stop", fail)
    with pytest.raises(RuntimeError, match="stuck"):
        other.stop()
    monkeypatch.undo()
    assert [path.read_bytes() for path in processes_of(folder / "aws")] == []
    stop()


@pytest.mark.parametrize(
    ("server", "variable"),
    [(MongoServer, "MONGO_URI"), (RabbitServer, "RABBITMQ_URL"), (AwsServer, "AWS_ENDPOINT_URL")],
)
def test_a_port_that_is_taken_after_its_choice_costs_a_second_start(
    stack: Stack,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: type[MongoServer | RabbitServer | AwsServer],
    variable: str,
) -> None:
    others = {name: stack.environment[name] for name in stack.names if name != variable}
    start: Callable[..., None] = server.start
    with socket.socket() as stranger:

        def start_too_late(self: MongoServer | RabbitServer | AwsServer, report: Report) -> None:
            if not stranger.getsockname()[1]:
                stranger.bind(("127.0.0.1", self.port))
                stranger.listen()
            start(self, report)

        monkeypatch.setattr(server, "start", start_too_late)
        reports: list[tuple[str, str]] = []
        with Stack(
            folder,
            others,
            preferred_ports=False,
            progress=lambda *report: reports.append(report),
        ) as again:
            assert f":{stranger.getsockname()[1]}" not in again.environment[variable]
            assert listens(int(urlsplit(again.environment[variable]).port or 0))
    assert (server.name, TRYING_OTHERS) in reports
    assert not [each for _, each in reports if re.search("(?i)eaddrinuse|in use|stopping", each)]
    assert processes_of(folder) == []


def test_a_port_that_is_taken_again_and_again_is_told(
    stack: Stack, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(urlsplit(stack.environment["TOKEN_ISSUER"]).port or 0)
    others = {name: value for name, value in stack.environment.items() if name != "TOKEN_ISSUER"}
    monkeypatch.setattr("carafe.development.servers.python_server.choose_port", lambda _: port)
    with pytest.raises(PortTaken, match="Address already in use"):
        Stack(folder, others, preferred_ports=False).start()
    assert processes_of(folder) == []


def test_a_folder_of_somebody_else_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match=r"^Not a directory: .*remove it\.$"):
        Stack(tmp_path / "file" / "folder", {}).start()


def test_mongodb_keeps_its_data_on_another_port(mongodb: MongoServer, folder: Path) -> None:
    store(mongodb.uri, "variables")
    mongodb.stop()
    again = MongoServer(folder, choose_port())
    assert again.port != mongodb.port
    again.start()
    try:
        assert documents(again.uri) == ["variables"]
        store(again.uri, "added")
    finally:
        again.stop()


def test_mongodb_takes_little_of_the_disk(mongodb: MongoServer, folder: Path) -> None:
    store(mongodb.uri, "variables")
    blocks = sum(path.stat().st_blocks for path in folder.rglob("*") if path.is_file())
    assert blocks * 512 < 60_000_000  # each test that starts a service has one


def test_mongodb_comes_back_after_a_crash(mongodb: MongoServer) -> None:
    store(mongodb.uri, "variables")
    mongodb.kill()
    mongodb.start()
    assert documents(mongodb.uri) == ["variables"]


def test_rabbitmq_keeps_its_data(rabbitmq: RabbitServer, folder: Path) -> None:
    publish(rabbitmq.url, "before the stop")
    rabbitmq.stop()
    rabbitmq.start()
    publish(rabbitmq.url, "before the crash")
    rabbitmq.kill()
    again = RabbitServer(folder, choose_port())
    again.start()
    try:
        assert received(again.url) == ["before the stop", "before the crash"]
    finally:
        again.stop()


def test_a_rabbitmq_whose_parent_dies_while_it_starts_ends_too(folder: Path) -> None:
    command = [sys.executable, "-c", STARTS_RABBITMQ, str(folder)]
    with subprocess.Popen(command, cwd=ROOT) as parent:
        # Made by a node that has just begun: one that would forget a request to end.
        wait_until((folder / ".erlang.cookie").exists)
        parent.kill()
    wait_until(lambda: processes_of(folder) == [])


@pytest.mark.parametrize("part", ["mongodb", "rabbitmq", "aws", "PAYMENTS_URL"])
def test_a_server_whose_port_was_taken_meanwhile_says_so(
    folder: Path, stack: Stack, part: str
) -> None:
    stranger = stack.others.get(part) or getattr(stack, part)
    server = type(stranger)(folder)
    # There another of its kind answers, all the while that this one starts and fails.
    server.port = stranger.port
    with pytest.raises(PortTaken, match=r"(?i)address already in use|eaddrinuse") as error:
        server.start()
    assert "\n" not in str(error.value)


def test_a_services_own_server_finds_the_broker(folder: Path) -> None:
    """It is given the address before the broker is ready, since both start at the same time."""
    broker = {"RABBITMQ_URL": "amqp://given", "SERVICE_NAME": "lending"}
    for given, expected in (
        (broker, broker),
        ({**broker, "EVENT_BUS_TYPE": "base"}, {}),
        ({"RABBITMQ_URL": "amqp://given"}, {"RABBITMQ_URL": "amqp://given"}),
    ):
        stack = Stack(folder, given, SERVERS, preferred_ports=False)
        stack._make_servers()  # noqa: SLF001 - without starting them
        assert [each.variables for each in stack.others.values()] == [expected] * 2
    stack = Stack(folder, {}, SERVERS, preferred_ports=False)
    stack._make_servers()  # noqa: SLF001 - the same
    assert stack.rabbitmq is not None
    for each in stack.others.values():
        assert each.variables == {"RABBITMQ_URL": stack.rabbitmq.url}
