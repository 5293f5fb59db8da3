"""What the issuer is asked for its keys, and each limit of an answer that is believed."""

import http.client
import json
import socket
import ssl
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import Mock

import pytest

from carafe.development.servers.tls import write_certificate
from carafe.infrastructure.authorization import key_set
from carafe.infrastructure.authorization.key_set import LARGEST_ANSWER, Issuer, KeySet
from carafe.infrastructure.errors import IssuerUnavailable
from carafe.testing.scripted_server import (
    Request,
    ScriptedServer,
    Step,
    break_off,
    respond,
    respond_without_end,
    respond_without_http,
)

pytestmark = pytest.mark.timeout(10)

DISCOVERY = "/.well-known/openid-configuration"
NO_KEYS = json.dumps({"keys": []}).encode()


def described(issuer: str, keys_url: str) -> Step:
    return respond({"issuer": issuer, "jwks_uri": keys_url})


def reason_of(keys: Step) -> str:
    """Return why there are no keys, of an issuer that answers so."""
    with ScriptedServer(keys) as server, pytest.raises(IssuerUnavailable) as told:
        Issuer("https://id.example.com", f"{server.url}/keys").fetch_keys()
    return told.value.message


def discovered(path: str, keys_path: str) -> list[Request]:
    """Return what an issuer with such an address is asked, that has its keys at another one."""

    def describe(connection: socket.socket) -> None:
        described(server.url + path, server.url + keys_path)(connection)

    with ScriptedServer(describe, respond({"keys": []})) as server:
        assert Issuer(server.url + path).fetch_keys() == {}
        return server.requests


@pytest.mark.parametrize("path", ["", "/", "/realmX", "/realmX/"])
def test_the_description_is_below_the_issuers_own_address(path: str) -> None:
    asked, _ = discovered(path, "/keys")
    assert asked.target == path.removesuffix("/") + DISCOVERY


def test_keys_are_asked_for_as_what_they_are_and_without_a_fragment() -> None:
    requests = discovered("", "/keys?of=all#first")
    for each in requests:
        assert each.headers["accept"] == "application/json"
        assert each.headers["user-agent"] == "carafe"
    assert [each.target for each in requests] == [DISCOVERY, "/keys?of=all"]


@pytest.mark.parametrize(
    ("issuer", "keys_url", "is_own"),
    [
        ("http://id.example.com", "http://id.example.com:80/keys", True),
        ("http://id.example.com:80", "http://id.example.com/keys", True),
        ("http://id.example.com", "http://id.example.com:443/keys", False),
        ("https://id.example.com", "https://id.example.com:443/keys", True),
        ("https://id.example.com", "https://id.example.com:80/keys", False),
        ("https://id.example.com", "http://id.example.com:443/keys", False),
    ],
)
def test_a_port_may_be_left_out_where_it_is_the_usual_one(
    issuer: str, keys_url: str, *, is_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(described(issuer, keys_url), respond({"keys": []})) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        monkeypatch.setattr(key_set, "_connection", lambda _: connection)
        if is_own:
            assert Issuer(issuer).fetch_keys() == {}
            return
        with pytest.raises(IssuerUnavailable) as told:
            Issuer(issuer).fetch_keys()
    assert told.value.message == (
        "The issuer's keys are on another host than the issuer: set TOKEN_KEYS_URL."
    )


def test_an_issuer_of_another_name_is_told() -> None:
    with ScriptedServer(described("https://id.example.com", "")) as server:
        with pytest.raises(IssuerUnavailable) as told:
            Issuer(server.url).fetch_keys()
        assert told.value.message == "The issuer's own name differs from TOKEN_ISSUER."


def test_an_answer_may_be_as_large_as_this_and_no_larger() -> None:
    largest = NO_KEYS + b" " * (LARGEST_ANSWER - len(NO_KEYS))
    with ScriptedServer(respond(largest)) as server:
        assert Issuer(server.url, f"{server.url}/keys").fetch_keys() == {}
    assert reason_of(respond(largest + b" ")) == "The issuer of tokens failed (HTTPException)."


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (respond(b""), "The answer of the issuer of tokens is not valid."),
        (respond([]), "The answer of the issuer of tokens is not valid."),
        (respond({"keys": [1]}), "The answer of the issuer of tokens is not valid."),
        (respond(b"[" * 200_000), "The answer of the issuer of tokens is not valid."),
        (respond({"keys": []}, 500), "The issuer of tokens failed (status 500)."),
        (respond({"keys": []}, 201), "The issuer of tokens failed (status 201)."),
        (break_off, "The issuer of tokens failed (HTTPException)."),
        (respond_without_http, "The issuer of tokens failed (BadStatusLine)."),
        (respond_without_end, "The issuer of tokens failed (HTTPException)."),
    ],
)
def test_why_an_answer_is_not_believed_is_told(answer: Step, reason: str) -> None:
    assert reason_of(answer) == reason


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_that_takes_no_connection_is_given_up(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_set, "CONNECT_SECONDS", 0.1)
    with ExitStack() as exits:
        listener = exits.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        place = listener.getsockname()
        # Nobody accepts these; when they fill the queue, Linux answers no further one.
        for _ in range(2):
            waiting = exits.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(place)
        with pytest.raises(IssuerUnavailable, match=r"failed \(TimeoutError\)"):
            Issuer("", f"{scheme}://127.0.0.1:{place[1]}/keys").fetch_keys()


def test_certificates_are_checked_even_where_python_was_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_unverified_context)  # noqa: SLF001 - the switch is private
    of_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    of_nobody.load_cert_chain(write_certificate(tmp_path))
    with ScriptedServer(respond({"keys": []}), tls=of_nobody) as server:
        with pytest.raises(IssuerUnavailable, match="SSLCertVerificationError"):
            Issuer("", f"{server.url}/keys").fetch_keys()
        assert server.requests == []


def test_why_there_are_no_keys_is_passed_on() -> None:
    away = IssuerUnavailable("It is away.")
    keys = KeySet(Mock(side_effect=away), lambda: 0.0)
    causes = []
    for _ in range(2):
        with pytest.raises(IssuerUnavailable) as told:
            keys.find("one", "ES256")
        assert told.value.message == "The issuer of tokens does not answer."
        causes.append(told.value.__cause__)
    assert causes == [away, None], "it is not asked again at once"
