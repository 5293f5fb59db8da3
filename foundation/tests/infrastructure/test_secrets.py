"""Secret settings come from Secrets Manager, are kept, and read again when a login is refused."""

import base64
import json
import secrets as random
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pymongo
import pytest

from app import functions
from carafe.contracts.addresses import with_login
from carafe.development.servers.stack import Stack
from carafe.infrastructure.aws.client import AwsClient
from carafe.infrastructure.aws.configuration import SECRETS_MANAGER
from carafe.infrastructure.aws.services import SecretsManager
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import (
    BusLoginRefused,
    SecretsUnavailable,
    StoreLoginRefused,
    StoreUnavailable,
)
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.secrets import with_secrets
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.contexts import a_context
from carafe.testing.inbound import an_event
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.bootstrap import service as declared
from tests.support.inbound import PAYMENT_CAPTURED
from tests.support.orders import an_order


@dataclass
class Vault:
    """Secrets Manager, as the local stack plays it, and how often it was asked."""

    client: Any
    reader: SecretsManager
    name: str
    reads: int = 0

    def put(self, secret: str, **values: str) -> str:
        """Write a secret, and return its id."""
        identifier = f"{self.name}/{secret}"
        text = json.dumps(values)
        try:
            self.client.put_secret_value(SecretId=identifier, SecretString=text)
        except self.client.exceptions.ResourceNotFoundException:
            self.client.create_secret(Name=identifier, SecretString=text)
        return identifier

    def get_secret_value(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Read a secret, as a function does."""
        self.reads += 1
        return self.reader.get_secret_value(**arguments)


@pytest.fixture
def vault(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """A vault of this test's own, from which the service reads."""
    client = boto3.client(
        "secretsmanager",
        endpoint_url=stack.environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    reader = SecretsManager(AwsClient(SECRETS_MANAGER, 5, 5, stack.environment))
    vault = Vault(client, reader, f"test-{random.token_hex(4)}")
    monkeypatch.setattr(declared, "_secrets_client", vault)
    return vault


@dataclass
class Account:
    """A user whose password can be changed, in MongoDB or RabbitMQ."""

    name: str
    password: str = "first password/+@:"


@pytest.fixture
def mongo_user(stack: Stack) -> Iterator[Account]:
    """A user of MongoDB; it looks at passwords that are given, though it demands none."""
    account = Account(f"user-{random.token_hex(4)}")
    roles = [{"role": "readWriteAnyDatabase", "db": "admin"}]
    with pymongo.MongoClient[dict[str, Any]](stack.environment["MONGO_URI"]) as client:
        client.admin.command("createUser", account.name, pwd=account.password, roles=roles)
        yield account
        client.admin.command("dropUser", account.name)


def _change_mongo_password(stack: Stack, account: Account) -> None:
    account.password = random.token_hex(8)
    with pymongo.MongoClient[dict[str, Any]](stack.environment["MONGO_URI"]) as client:
        client.admin.command("updateUser", account.name, pwd=account.password)


def _mongo_uri(stack: Stack, account: Account) -> str:
    uri = with_login(stack.environment["MONGO_URI"], account.name, account.password)
    return f"{uri}&authSource=admin"


@pytest.fixture
def settings(
    environment: Mapping[str, str], vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Vault]:
    """The process's environment names a secret, which a test fills."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_ID", f"{vault.name}/settings")
    declared.forget()
    yield vault
    declared.container().close()
    declared.forget()


def _ask_the_store(service: Container[Any]) -> float:
    return service.relay.oldest_pending_seconds()


def test_settings_are_read_once(stack: Stack, settings: Vault, mongo_user: Account) -> None:
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    for _ in range(3):
        assert mongo_user.name in declared.container().settings.mongo_uri
    assert settings.reads == 1


def test_a_changed_password_is_read_and_the_work_done(
    stack: Stack, settings: Vault, mongo_user: Account
) -> None:
    """F47: one retry, which the caller does not notice."""
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    assert declared.container().settings.mongo_uri == _mongo_uri(stack, mongo_user)
    _change_mongo_password(stack, mongo_user)
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    assert declared.run(_ask_the_store) == 0
    # At first, to see whether anything changed, and to wire the service anew.
    assert settings.reads == 3


def test_timers_are_called_by_the_new_password(
    stack: Stack, settings: Vault, mongo_user: Account
) -> None:
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    order = an_order()
    order.expect_payment(timedelta(seconds=1), at=now() - timedelta(minutes=1))
    declared.container().repository(Order).add(order, a_context())
    _change_mongo_password(stack, mongo_user)
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    _drop_connections(stack, declared.container().settings.service_name)
    assert functions.call_timers(TimerNudge([order.id], "orders"), time.monotonic() + 30)
    assert settings.reads == 3
    assert declared.container().repository(Order).get(order.id).status is OrderStatus.CANCELLED


def test_a_warm_connection_that_broke_meets_the_new_password(
    stack: Stack, settings: Vault, mongo_user: Account
) -> None:
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    service = declared.container()
    assert service.relay.oldest_pending_seconds() == 0
    _change_mongo_password(stack, mongo_user)
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    _drop_connections(stack, service.settings.service_name)
    assert declared.run(_ask_the_store) == 0
    assert settings.reads == 3


def test_a_secret_that_is_still_wrong_is_not_asked_again_and_again(
    stack: Stack, settings: Vault, mongo_user: Account
) -> None:
    """The refusal is the store's: a caller is told to come again, a message is held back."""
    settings.put("settings", MONGO_URI=_mongo_uri(stack, mongo_user))
    declared.container()
    _change_mongo_password(stack, mongo_user)
    with pytest.raises(StoreLoginRefused) as refusal:
        declared.run(_ask_the_store)
    assert settings.reads == 2
    assert not declared.renew(declared.container())
    assert settings.reads == 2
    assert isinstance(refusal.value, StoreUnavailable)
    assert "first password" not in str(refusal.value)


def _drop_connections(stack: Stack, application: str) -> None:
    """Let MongoDB hang up at its next chance, as a server does that is replaced."""
    failure = {"failCommands": ["find", "hello"], "closeConnection": True, "appName": application}
    with pymongo.MongoClient[dict[str, Any]](stack.environment["MONGO_URI"]) as client:
        client.admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=failure)


class Management:
    """RabbitMQ's management API, for users."""

    def __init__(self, stack: Stack) -> None:
        self._url = stack.environment["RABBITMQ_MANAGEMENT_URL"]
        login = urlsplit(stack.environment["RABBITMQ_URL"])
        pair = f"{login.username}:{login.password}".encode()
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "application/json",
        }

    def put(self, path: str, **body: str) -> None:
        self._send("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> None:
        self._send("DELETE", path, None)

    def _send(self, method: str, path: str, body: bytes | None) -> None:
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self._url}/api/{path}", body, self._headers, method=method
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - the same


@pytest.fixture
def broker_user(stack: Stack) -> Iterator[Account]:
    """A user of RabbitMQ."""
    account = Account(f"user-{random.token_hex(4)}")
    management = Management(stack)
    management.put(f"users/{account.name}", password=account.password, tags="")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    management.put(f"permissions/%2F/{account.name}", **everything)
    yield account
    management.delete(f"users/{account.name}")


def _publish() -> Outcome:
    event = an_event(PAYMENT_CAPTURED)
    message = Message(event["id"], event["type"], "ordering.order.placed", b"{}")
    bus = declared.container().bus
    bus.close()
    return bus.publish([message], time.monotonic() + 10)[event["id"]]


def test_the_broker_gets_its_login_from_a_secret_and_again_when_it_changed(
    stack: Stack, settings: Vault, broker_user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = urlsplit(stack.environment["RABBITMQ_URL"])
    monkeypatch.setenv("RABBITMQ_URL", f"amqp://{address.hostname}:{address.port}")
    login = {"username": broker_user.name, "password": broker_user.password}
    monkeypatch.setenv("BROKER_SECRET_ID", settings.put("broker", **login))
    settings.put("settings")
    declared.container().prepare_bus()
    assert _publish() is Outcome.CONFIRMED

    Management(stack).put(f"users/{broker_user.name}", password="second", tags="")
    with pytest.raises(BusLoginRefused):
        _publish()

    settings.put("broker", username=broker_user.name, password="second")
    assert _publish() is Outcome.CONFIRMED


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"MONGO_URI": 5}'])
def test_a_secret_of_another_form_is_refused_and_not_quoted(vault: Vault, text: str) -> None:
    vault.client.create_secret(Name=f"{vault.name}/odd", SecretString=text or " ")
    with pytest.raises(SecretsUnavailable) as refusal:
        with_secrets({"SECRET_ID": f"{vault.name}/odd"}, vault)
    assert "JSON object" in str(refusal.value)
    assert "no json" not in str(refusal.value)


def test_a_missing_secret_is_told_by_its_reason(vault: Vault) -> None:
    with pytest.raises(SecretsUnavailable, match="ResourceNotFoundException"):
        with_secrets({"SECRET_ID": "nowhere/settings"}, vault)


def test_half_a_login_is_refused(vault: Vault) -> None:
    secret = vault.put("broker", username="somebody")
    with pytest.raises(SecretsUnavailable, match="`username` or `password`"):
        with_secrets({"BROKER_SECRET_ID": secret, "RABBITMQ_URL": "amqps://host:5671"}, vault)


def test_a_login_may_hold_any_character() -> None:
    url = with_login("amqps://host:5671", "a user", "p/a:s@s?w#rd")
    parts = urlsplit(url)
    assert (parts.hostname, parts.port) == ("host", 5671)
    assert "p%2Fa%3As%40s%3Fw%23rd" in url
