"""Settings that a person gives: in .env, on the command line, right and wrong."""

import socket
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.checkout import addresses, carafe, processes_of, up


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"MONGO_URI": "mongodb://user:hidden@127.0.0.1:1/"}, ["MONGO_URI"]),
        ({"RABBITMQ_URL": "amqp://user:hidden@127.0.0.1:1/"}, ["RABBITMQ_URL"]),
        ({"EVENT_BUS_TYPE": "kafka", "SERVICE_NAME": "No"}, ["EVENT_BUS_TYPE", "SERVICE_NAME"]),
        ({"PORT": "http"}, ["PORT"]),
        ({"TOKEN_ISSUER": "ftp://hidden"}, ["TOKEN_ISSUER"]),
        ({"TOKEN_ISSUER": "http://127.0.0.1:1"}, ["TOKEN_ISSUER"]),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(
    checkout: Path, settings: dict[str, str], named: list[str]
) -> None:
    done = up(checkout, "--once", **settings)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stdout + done.stderr
    for name in named:
        assert name in done.stderr
    assert " starting" not in done.stdout
    assert processes_of(checkout) == []


def test_a_port_that_is_taken_is_told_before_anything_starts(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = up(checkout, "--once", PORT=str(port))
    assert done.returncode == 1
    assert f"PORT is {port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not (checkout / ".env").exists()


def test_given_servers_are_used_and_their_addresses_not_copied(
    checkout: Path, stack: Stack
) -> None:
    """SQS as well: with a slash at the end, without credentials, whatever region is usual here."""
    given = {
        "MONGO_URI": stack.environment["MONGO_URI"],
        "RABBITMQ_URL": stack.environment["RABBITMQ_URL"],
        "PAYMENTS_URL": stack.environment["PAYMENTS_URL"],
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_PROFILE": "of-the-developer",
    }
    endpoint = f"AWS_ENDPOINT_URL={stack.environment['AWS_ENDPOINT_URL']}/\n"
    (checkout / ".env").write_text(endpoint)
    done = up(checkout, "--once", SERVICE_NAME="given", MONGO_DATABASE="given", **given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (checkout / ".env").read_text().count("AWS_ENDPOINT_URL") == 1
    assert addresses(checkout).keys() & given.keys() == {"AWS_DEFAULT_REGION"}
    assert "nudge not sent" not in (checkout / ".local/api/server.log").read_text()


def test_an_environment_file_that_is_none_is_told_in_one_line(checkout: Path) -> None:
    (checkout / ".env").mkdir()
    done = up(checkout, "--once")
    assert done.returncode == 1
    assert done.stderr.startswith("error: Is a directory: ")
    assert len(done.stderr.splitlines()) == 1


def test_another_server_in_the_place_of_the_service_is_told(checkout: Path, stack: Stack) -> None:
    port = str(stack.others["PAYMENTS_URL"].port)
    given = {name: value for name, value in stack.environment.items() if not name.startswith("A")}
    queues = dict.fromkeys(("NUDGE_QUEUE_URL", "COMMAND_QUEUE_URL"), "http://127.0.0.1/queue")
    done = carafe(checkout, "demo", "--port", port, **queues, **given)
    assert done.returncode == 1
    assert "another server runs on" in done.stderr
    assert len(done.stderr.splitlines()) == 1
