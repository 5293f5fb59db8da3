"""Servers whose addresses the environment gives: used as they are, never started."""

from pathlib import Path

import pytest

from carafe.development.queues import REGION
from carafe.development.servers.errors import Unreachable
from carafe.development.servers.external import SERVERS
from carafe.development.servers.stack import Stack
from local.servers import SERVERS as SERVICE_SERVERS
from tests.support.local_servers import processes_of

UNREACHABLE = {
    "MONGO_URI": "mongodb://user:s3cr3t@127.0.0.1:1/?serverSelectionTimeoutMS=200",
    "RABBITMQ_URL": "amqp://user:s3cr3t@127.0.0.1:1/%2F",
    "AWS_ENDPOINT_URL": "http://user:s3cr3t@127.0.0.1:1",
    "PAYMENTS_URL": "http://user:s3cr3t@127.0.0.1:1",
    "SHIPPING_URL": "http://user:s3cr3t@127.0.0.1:1",
    "TOKEN_ISSUER": "http://user:s3cr3t@127.0.0.1:1",
}
NAMES = SERVERS | {each.variable: each.name for each in SERVICE_SERVERS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "stack"


def test_what_is_given_is_used_and_not_started(stack: Stack, folder: Path) -> None:
    environment = {name: value for name, value in stack.environment.items() if name in UNREACHABLE}
    with Stack(folder, environment, SERVICE_SERVERS) as other:
        assert {name: other.environment[name] for name in environment} == environment
        local_servers = (
            other.mongodb,
            other.rabbitmq,
            other.aws,
            other.issuer,
        )
        assert local_servers == (None,) * 4
        assert other.others == {}
    assert processes_of(folder) == []


def test_clients_of_a_given_sqs_find_region_and_credentials(stack: Stack, folder: Path) -> None:
    environment = {
        **stack.environment,
        "AWS_ACCESS_KEY_ID": "mine",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    del environment["AWS_SECRET_ACCESS_KEY"]
    with Stack(folder, environment, SERVICE_SERVERS) as other:
        assert other.environment["AWS_ACCESS_KEY_ID"] == "mine"
        assert other.environment["AWS_SECRET_ACCESS_KEY"] == "local"
        # Where the queues are made: moto keeps those of other regions apart.
        assert other.environment["AWS_DEFAULT_REGION"] == REGION


def test_a_server_that_is_no_sqs_is_not_taken_for_one(stack: Stack, folder: Path) -> None:
    environment = {**stack.environment, "AWS_ENDPOINT_URL": stack.environment["PAYMENTS_URL"]}
    with pytest.raises(Unreachable, match="AWS_ENDPOINT_URL is set, but no SQS"):
        Stack(folder, environment, SERVICE_SERVERS).start()


@pytest.mark.parametrize("variable", UNREACHABLE)
def test_a_given_server_that_does_not_answer_is_named_without_its_password(
    stack: Stack, folder: Path, variable: str
) -> None:
    environment = {**stack.environment, variable: UNREACHABLE[variable]}
    with pytest.raises(Unreachable) as error, Stack(folder, environment, SERVICE_SERVERS):
        pass
    message = str(error.value)
    name = NAMES[variable]
    assert message.startswith(f"{variable} is set, but no {name} at 127.0.0.1:1 accepts it: ")
    assert "s3cr3t" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "address", ["", "s3cr3t", "mongodb://user:s3cr3t", "amqp://u:s3/cr3t", "http://[s3cr3t"]
)
def test_a_malformed_address_is_not_shown(stack: Stack, folder: Path, address: str) -> None:
    for variable in UNREACHABLE:
        environment = {**stack.environment, variable: address or "?"}
        with pytest.raises(Unreachable) as error, Stack(folder, environment, SERVICE_SERVERS):
            pass
        assert "s3cr3t" not in str(error.value)


def test_the_in_memory_bus_needs_no_rabbitmq(stack: Stack, folder: Path) -> None:
    environment = {**stack.environment, "EVENT_BUS_TYPE": "base", "RABBITMQ_URL": ""}
    with Stack(folder, environment, SERVICE_SERVERS) as other:
        assert other.rabbitmq is None
        assert "RABBITMQ_URL" not in other.environment
