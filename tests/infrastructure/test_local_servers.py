"""The servers of the stack: they start, keep their data, and leave nothing behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pymongo
import pytest
from workflow.servers.aws import AwsServer
from workflow.servers.errors import AlreadyRunning, LocalServerError, ServerFailed, Unreachable
from workflow.servers.leftovers import FOLDER_VARIABLE
from workflow.servers.mongodb import MongoServer
from workflow.servers.ports import choose_port
from workflow.servers.probes import listens
from workflow.servers.rabbitmq import RabbitServer
from workflow.servers.stack import Stack

from tests.support.processes import ROOT, wait_until

UNREACHABLE = {
    "MONGO_URI": "mongodb://user:s3cr3t@127.0.0.1:1/?serverSelectionTimeoutMS=200",
    "RABBITMQ_URL": "amqp://user:s3cr3t@127.0.0.1:1/%2F",
    "AWS_ENDPOINT_URL": "http://user:s3cr3t@127.0.0.1:1",
    "PAYMENTS_URL": "http://user:s3cr3t@127.0.0.1:1",
}

RUNS_A_STACK = """
import pathlib, sys, time
from workflow.servers.stack import Stack
with Stack(pathlib.Path(sys.argv[1]), {}, preferred_ports=False) as stack:
    print(stack.environment["MONGO_URI"], stack.environment["RABBITMQ_URL"], flush=True)
    time.sleep(600)
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


def processes_of(folder: Path) -> list[Path]:
    """Return the living processes that carry a folder of a server below this one."""
    mark = f"{FOLDER_VARIABLE}={folder.resolve()}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append(process)
        except OSError:
            continue  # it ended, or belongs to somebody else
    return found


def listeners_of(processes: list[Path]) -> set[str]:
    """Return the addresses on which processes listen, as the kernel writes them."""
    sockets = {str(link.readlink()) for process in processes for link in (process / "fd").iterdir()}
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [row.split() for row in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    return {
        row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    }


def documents(uri: str) -> list[Any]:
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        return [each["_id"] for each in client.test.documents.find()]


def store(uri: str, document: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        client.test.documents.insert_one({"_id": document})


def publish(url: str, body: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
        channel.basic_publish("", "kept", body, pika.BasicProperties(delivery_mode=2))


def received(url: str) -> list[str]:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        bodies = []
        while (message := channel.basic_get("kept", auto_ack=True))[0]:
            bodies.append(message[2].decode())
        return bodies


def test_every_server_listens_on_this_machine_alone(stack: Stack) -> None:
    assert listeners_of(processes_of(stack.folder)) == {"0100007F"}


def test_a_stopped_stack_leaves_no_process_and_no_port(folder: Path) -> None:
    told = []
    stack = Stack(folder, {}, preferred_ports=False, progress=lambda *what: told.append(what))
    with stack:
        servers = [stack.mongodb, stack.rabbitmq, stack.aws, stack.payments]
        ports = [server.port for server in servers if server]
        assert [listens(port) for port in ports] == [True] * 4
    assert processes_of(folder) == []
    assert [listens(port) for port in ports] == [False] * 4
    assert {part for part, message in told if message.startswith("ready")} == {
        "MongoDB",
        "RabbitMQ",
        "SQS",
        "Payments",
    }


def test_a_killed_stack_leaves_nothing_and_loses_nothing(folder: Path) -> None:
    command = [sys.executable, "-c", RUNS_A_STACK, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        uri, url = parent.stdout.readline().split()
        store(uri, "kept")
        publish(url, "kept")
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: processes_of(folder) == [], 10)
    with Stack(folder, {}, preferred_ports=False) as stack:
        assert documents(stack.environment["MONGO_URI"]) == ["kept"]
        assert received(stack.environment["RABBITMQ_URL"]) == ["kept"]


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyRunning) as caught, Stack(stack.folder, {}):
        pass
    assert f"kill {(stack.folder / 'lock').read_text()}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert stack.mongodb
    assert stack.mongodb.process.pid


def test_what_is_given_is_used_and_not_started(stack: Stack, folder: Path) -> None:
    given = {name: value for name, value in stack.environment.items() if name in UNREACHABLE}
    with Stack(folder, given) as other:
        assert other.environment == given
        assert (other.mongodb, other.rabbitmq, other.aws, other.payments) == (None,) * 4
    assert processes_of(folder) == []


@pytest.mark.parametrize("variable", UNREACHABLE)
def test_a_given_server_that_does_not_answer_is_named_without_its_password(
    stack: Stack, folder: Path, variable: str
) -> None:
    given = {**stack.environment, variable: UNREACHABLE[variable]}
    with pytest.raises(Unreachable) as caught, Stack(folder, given):
        pass
    message = str(caught.value)
    assert message.startswith(f"{variable} is set, but no server at 127.0.0.1:1 accepts it: ")
    assert "s3cr3t" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "address", ["", "s3cr3t", "mongodb://user:s3cr3t", "amqp://u:s3/cr3t", "http://[s3cr3t"]
)
def test_a_malformed_address_is_not_shown(stack: Stack, folder: Path, address: str) -> None:
    for variable in UNREACHABLE:
        given = {**stack.environment, variable: address or "?"}
        with pytest.raises(Unreachable) as caught, Stack(folder, given):
            pass
        assert "s3cr3t" not in str(caught.value)


def test_the_in_memory_bus_needs_no_rabbitmq(stack: Stack, folder: Path) -> None:
    given = {**stack.environment, "EVENT_BUS_TYPE": "base", "RABBITMQ_URL": ""}
    with Stack(folder, given) as other:
        assert other.rabbitmq is None
        assert "RABBITMQ_URL" not in other.environment


def test_a_part_that_fails_stops_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwsServer, "module", "no_such_module")
    with pytest.raises(ServerFailed, match="SQS ended.*No module named no_such_module"):
        Stack(folder, {}, preferred_ports=False).start()
    assert processes_of(folder) == []


def test_all_are_stopped_even_if_one_fails_to_stop(
    stack: Stack, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ("MONGO_URI", "RABBITMQ_URL")
    other = Stack(folder, {name: stack.environment[name] for name in kept}, preferred_ports=False)
    other.start()
    assert other.payments
    stop = other.payments.stop

    def fail() -> None:
        raise RuntimeError("stuck")

    monkeypatch.setattr(other.payments.process, "stop", fail)
    with pytest.raises(RuntimeError, match="stuck"):
        other.stop()
    monkeypatch.undo()
    assert [path.read_bytes() for path in processes_of(folder / "aws")] == []
    stop()


def test_a_folder_of_somebody_else_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LocalServerError, match=r"^Not a directory: .*remove it\.$"):
        Stack(tmp_path / "file" / "folder", {}).start()


def test_mongodb_keeps_its_data_on_another_port(mongodb: MongoServer, folder: Path) -> None:
    store(mongodb.uri, "kept")
    mongodb.stop()
    again = MongoServer(folder, choose_port())
    assert again.port != mongodb.port
    again.start()
    try:
        assert documents(again.uri) == ["kept"]
        store(again.uri, "added")
    finally:
        again.stop()


def test_mongodb_comes_back_after_a_crash(mongodb: MongoServer) -> None:
    store(mongodb.uri, "kept")
    mongodb.kill()
    mongodb.start()
    assert documents(mongodb.uri) == ["kept"]


def test_rabbitmq_keeps_its_data(rabbitmq: RabbitServer, folder: Path) -> None:
    publish(rabbitmq.url, "before the crash")
    rabbitmq.kill()
    rabbitmq.start()
    publish(rabbitmq.url, "before the stop")
    rabbitmq.stop()
    again = RabbitServer(folder, choose_port())
    again.start()
    try:
        assert received(again.url) == ["before the crash", "before the stop"]
    finally:
        again.stop()


@pytest.mark.parametrize("kind", [MongoServer, RabbitServer])
def test_a_server_whose_port_was_taken_meanwhile_says_so(
    folder: Path, stack: Stack, kind: type[MongoServer] | type[RabbitServer]
) -> None:
    server = kind(folder)
    assert stack.payments
    server.port = stack.payments.port
    with pytest.raises(ServerFailed, match="(?i)address already in use|eaddrinuse") as caught:
        server.start()
    assert "\n" not in str(caught.value)
