"""F67: No malformed address leads to a host that nobody named, whoever reads it."""

import json
from typing import Any

import pytest

from carafe.client.http_connections import HttpConnections
from carafe.client.limits import Limits
from carafe.contracts.addresses import (
    addresses_of_nodes,
    is_broker_address,
    is_mongo_address,
    is_web_address,
    virtual_host_of,
    with_login,
)
from carafe.development.broker.management import (
    Management,
    ManagementUnavailable,
    usual_url,
)
from carafe.development.queues import QueueClient, sqs_client
from carafe.development.servers import external
from carafe.development.servers.errors import Unreachable
from carafe.infrastructure.errors import SecretsUnavailable
from carafe.infrastructure.secrets import with_secrets

MALFORMED = ["?", "", "{}://", "{}:///x", "{}://:80", "//host", "{}://host:0", "{}://host:x/"]
MALFORMED += [
    "{}://h ost",
    "{}://user@",
    "{}://user:secret@/x",
    "{}://,host",
    "{}://user/secret@host",
]
SCHEMES = {"MONGO_URI": "mongodb", "RABBITMQ_URL": "amqp", "AWS_ENDPOINT_URL": "http"}
SCHEMES |= {"TOKEN_ISSUER": "http", "PAYMENTS_URL": "http"}


@pytest.mark.parametrize("form", MALFORMED)
@pytest.mark.parametrize("variable", SCHEMES)
def test_no_server_is_asked_at_a_malformed_address(
    monkeypatch: pytest.MonkeyPatch, variable: str, form: str
) -> None:
    """A broker on localhost would answer for `?`."""
    monkeypatch.setattr(external, "PROBES", dict.fromkeys(SCHEMES, lambda _address: True))
    with pytest.raises(Unreachable, match=f"^{variable} is set, but is not a valid ") as refusal:
        external.require_reachable(variable, form.format(SCHEMES[variable]))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("form", MALFORMED)
def test_clients_of_a_service_need_its_host(form: str) -> None:
    with pytest.raises(ValueError, match="address of the weather service must be") as refusal:
        HttpConnections(form.format("http"), "weather service", Limits())
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("form", MALFORMED)
def test_sqs_and_the_management_api_need_their_host(form: str) -> None:
    for make_client in (sqs_client, QueueClient):
        with pytest.raises(Unreachable, match=r"^AWS_ENDPOINT_URL must be"):
            make_client(form.format("http"))
    with pytest.raises(ManagementUnavailable, match=r"^RABBITMQ_MANAGEMENT_URL must be"):
        Management("amqp://broker", form.format("http"))


class Vault:
    """Holds the broker's login."""

    def __init__(self, **login: str) -> None:
        self.login = login

    def get_secret_value(self, **_arguments: Any) -> dict[str, str]:  # noqa: ANN401 - boto3's own
        return {"SecretString": json.dumps(self.login)}


@pytest.mark.parametrize("form", [*MALFORMED, "{}://[::1"])
def test_a_login_does_not_make_a_malformed_address_valid(form: str) -> None:
    address = form.format("amqps")
    environment = {"BROKER_SECRET_ID": "broker", "RABBITMQ_URL": address}
    completed = with_secrets(environment, Vault(username="lending", password="p@ss/word"))
    assert completed["RABBITMQ_URL"] == address
    assert not is_broker_address(address)


def test_a_login_alone_is_no_address() -> None:
    vault = Vault(username="lending", password="p@ss/word")
    assert "RABBITMQ_URL" not in with_secrets({"BROKER_SECRET_ID": "broker"}, vault)


@pytest.mark.parametrize(
    "login",
    [{}, {"username": "a"}, {"username": "", "password": "b"}, {"username": "a", "password": ""}],
)
def test_half_a_login_is_refused(login: dict[str, str]) -> None:
    environment = {"BROKER_SECRET_ID": "broker", "RABBITMQ_URL": "amqps://broker"}
    with pytest.raises(SecretsUnavailable, match="`username` or `password`"):
        with_secrets(environment, Vault(**login))


def test_a_whole_login_makes_a_valid_address() -> None:
    environment = {"BROKER_SECRET_ID": "broker", "RABBITMQ_URL": "amqps://broker:5671/%2F"}
    completed = with_secrets(environment, Vault(username="a b", password="p@s/s:?#%"))
    assert is_broker_address(completed["RABBITMQ_URL"])
    assert completed["RABBITMQ_URL"].endswith("@broker:5671/%2F")


@pytest.mark.parametrize(
    "host",
    [
        "host",
        "my_host",
        "a-b.example.com.",
        "127.0.0.1",
        "[::1]",
        "[fe80::1]:80",
        "h:65535",
        "1a",
        "3com.net",
        "a" * 63 + ".net",
    ],
)
def test_a_host_is_a_name_or_an_ip_address(host: str) -> None:
    assert is_web_address(f"https://{host}/path?query=1")
    assert is_broker_address(f"amqps://user:pass%2Fword@{host}/%2F")
    assert is_broker_address(f"amqps://user:pass%2Fword@first,{host}/%2F")
    assert is_mongo_address(f"mongodb://user@{host},other:1/database?tls=true")


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "a..b",
        "-a",
        "a-",
        "a_b-",
        "a" * 64 + ".net",
        "1",
        "127.1",
        "0x7f.0.0.1",
        "1.2.3.256",
        "[1.2.3.4]",
        "[v1.x]",
        "::1",
    ],
)
def test_what_is_neither_is_no_host(host: str) -> None:
    assert not is_web_address(f"https://{host}/path")
    assert not is_broker_address(f"amqps://{host}/%2F")
    assert not is_broker_address(f"amqps://first,{host}/%2F")
    assert not is_mongo_address(f"mongodb://{host}/database")


def test_each_node_of_a_broker_has_the_login_and_the_virtual_host() -> None:
    address = "amqps://user:pass%2Fword@first:1,[::1]:2,third/shop"
    assert addresses_of_nodes(address) == [
        "amqps://user:pass%2Fword@first:1/shop",
        "amqps://user:pass%2Fword@[::1]:2/shop",
        "amqps://user:pass%2Fword@third/shop",
    ]
    assert addresses_of_nodes("amqp://first,second") == ["amqp://first", "amqp://second"]


@pytest.mark.parametrize("hosts", ["first", "first:1,second", "first,[::1]:2", "[::1],[::2]:3"])
def test_login_and_virtual_host_are_those_of_all_nodes(hosts: str) -> None:
    """Python's urlsplit refuses an IPv6 address that is not the first, in its newer versions."""
    renewed = with_login(f"amqps://old:word@{hosts}/a%2Fshop", "me@x", "p/w")
    assert renewed == f"amqps://me%40x:p%2Fw@{hosts}/a%2Fshop"
    assert with_login(f"amqp://{hosts}", "me", "word") == f"amqp://me:word@{hosts}"
    assert virtual_host_of(renewed) == "a/shop"
    assert virtual_host_of(f"amqp://{hosts}") == "/"
    Management(renewed, "http://127.0.0.1:15672")


def test_the_api_of_a_broker_with_several_nodes_is_that_of_the_first() -> None:
    assert usual_url("amqp://user:word@first:5673,second/%2F") == "http://first:15673"
