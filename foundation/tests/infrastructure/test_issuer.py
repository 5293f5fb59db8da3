"""The issuer of the local stage, and what the service believes of any issuer, over HTTP."""

import http.client
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec

from carafe.development.servers.issuer import Signer, TokenIssuer
from carafe.development.servers.stack import Stack
from carafe.development.tokens import fetch_token
from carafe.infrastructure.authorization import key_set
from carafe.infrastructure.authorization.key_set import Issuer, KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.tokens import TokenVerifier
from carafe.infrastructure.errors import IssuerUnavailable, TokenRefused
from carafe.testing.scripted_server import (
    ScriptedServer,
    Step,
    break_off,
    respond,
    stay_silent,
    trickle_body,
    trickle_head,
)
from chalicelib.contracts.scopes import SCOPES
from tests.support.http_server import TestServer

FORM = {"subject": "maria", "audience": "shop", "scope": "orders:read orders:write"}
DISCOVERY = "/.well-known/openid-configuration"


def tokens_of(issuer: str, audience: str = "shop") -> TokenVerifier:
    return TokenVerifier(
        TokenProfile(issuer, frozenset({audience})), KeySet(Issuer(issuer).fetch_keys), SCOPES
    )


def ask(stack: Stack, form: str) -> urllib3.BaseHTTPResponse:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    url = stack.environment["TOKEN_ISSUER"] + "/token"
    return urllib3.request("POST", url, body=form, headers=kind, retries=False)


# The local issuer


def test_a_token_of_the_local_issuer_grants_what_was_asked_for(stack: Stack) -> None:
    issuer = stack.environment["TOKEN_ISSUER"]
    token = fetch_token(issuer, "shop", "maria", "orders:read something:else")
    caller = tokens_of(issuer).verify(token).caller
    assert (caller.subject, caller.scopes) == ("maria", frozenset({"orders:read"}))
    with pytest.raises(TokenRefused, match="audience"):
        tokens_of(issuer, "another").verify(token)


def test_the_answer_has_the_form_that_clients_of_oauth_expect(stack: Stack) -> None:
    answer = ask(stack, urlencode(FORM))
    assert answer.headers["Cache-Control"] == "no-store"
    values = answer.json()
    assert (answer.status, values["token_type"]) == (200, "Bearer")
    assert values.keys() == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize(
    "form",
    [
        "",
        "nonsense",
        "subject=maria",
        urlencode({**FORM, "subject": ""}),
        urlencode({**FORM, "subject": "maria\n"}),
        urlencode({**FORM, "subject": "m" * 201}),
        urlencode({**FORM, "audience": "two words"}),
        urlencode({**FORM, "scope": "a  b"}),
        urlencode({**FORM, "scope": 'a"b'}),
        urlencode({**FORM, "expires": "never"}),
        urlencode(FORM) + "&subject=john",
        "%ff=%ff&" * 5000,
    ],
)
def test_a_malformed_request_for_a_token_is_refused(stack: Stack, form: str) -> None:
    answer = ask(stack, form)
    assert (answer.status, answer.json()) == (400, {"error": "invalid_request"})


def test_an_unknown_page_is_refused(stack: Stack) -> None:
    url = stack.environment["TOKEN_ISSUER"]
    assert urllib3.request("GET", f"{url}/token", retries=False).status == 404
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("POST", "/elsewhere", body=urlencode(FORM))
    assert connection.getresponse().status == 400
    connection.close()


def test_tokens_outlive_a_restart_and_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    issuer = TokenIssuer(tmp_path)
    issuer.start()
    token = fetch_token(issuer.url, "shop", "maria", "orders:read")
    issuer.kill()
    key_file = tmp_path / "key.pem"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    again = TokenIssuer(tmp_path, issuer.port)
    again.start()
    assert again.url == issuer.url
    assert tokens_of(again.url).verify(token).caller.subject == "maria"
    again.stop()


# Any issuer


@pytest.fixture
def server() -> Iterator[TestServer]:
    with TestServer() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[TestServer]:
    """A server with keys, where nobody should look for them."""
    with TestServer() as server:
        server.pages["/keys"] = (200, {}, {"keys": []})
        yield server


@pytest.fixture
def signer(server: TestServer) -> Signer:
    return Signer(server.url, ec.generate_private_key(ec.SECP256R1()))


def serve(server: TestServer, keys: Any, **discovery: str) -> None:  # noqa: ANN401 - any JSON
    """Let an issuer publish its keys."""
    described = {"issuer": server.url, "jwks_uri": f"{server.url}/keys", **discovery}
    server.pages |= {DISCOVERY: (200, {}, described), "/keys": (200, {}, keys)}


def test_keys_are_where_the_discovery_document_says(server: TestServer, signer: Signer) -> None:
    serve(server, {"keys": [signer.public]})
    tokens = tokens_of(server.url)
    for _ in range(3):
        assert tokens.verify(signer.token("maria", "shop", "")).caller.scopes == frozenset()
    assert server.hits == [DISCOVERY, "/keys"]


def test_one_key_that_cannot_be_read_does_not_take_the_others_with_it(
    server: TestServer, signer: Signer
) -> None:
    strange = [
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "bad"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "weak"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": signer.public["kid"]},
        {},
    ]
    serve(server, {"keys": [*strange, signer.public]})
    assert tokens_of(server.url).verify(signer.token("maria", "shop", "")).caller.subject == "maria"


def test_keys_on_another_host_are_not_asked_for(
    server: TestServer, elsewhere: TestServer, signer: Signer
) -> None:
    for place in (
        f"{elsewhere.url}/keys",
        f"{server.url}@{elsewhere.url.removeprefix('http://')}/keys",
        f"{server.url.replace('http', 'https')}/keys",
        f"{server.url.replace('127.0.0.1', 'localhost')}/keys",
        "//keys",
        "file:///etc/passwd",
        "http://[",
    ):
        serve(server, {"keys": [signer.public]}, jwks_uri=place)
        with pytest.raises(IssuerUnavailable, match="another host"):
            Issuer(server.url).fetch_keys()
    assert elsewhere.hits == []


def test_keys_on_a_host_that_an_operator_names_are_fetched_there_alone(
    server: TestServer, elsewhere: TestServer, signer: Signer
) -> None:
    elsewhere.pages["/keys"] = (200, {}, {"keys": [signer.public]})
    keys = Issuer(server.url, f"{elsewhere.url}/keys").fetch_keys()
    assert {name for name, _ in keys} == {signer.public["kid"]}
    assert (server.hits, elsewhere.hits) == ([], ["/keys"])


@pytest.mark.parametrize("path", [DISCOVERY, "/keys"])
def test_a_redirect_is_not_followed(
    server: TestServer, elsewhere: TestServer, signer: Signer, path: str
) -> None:
    serve(server, {"keys": [signer.public]})
    server.pages[path] = (302, {"Location": f"{elsewhere.url}/keys"}, b"")
    with pytest.raises(IssuerUnavailable, match="302"):
        Issuer(server.url).fetch_keys()
    assert elsewhere.hits == []


@pytest.mark.parametrize("step", [stay_silent, trickle_head, trickle_body, break_off])
def test_an_answer_must_be_complete_in_time(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_set, "READ_SECONDS", 0.3)
    with ScriptedServer(step) as server, pytest.raises(IssuerUnavailable, match="failed"):
        Issuer(server.url).fetch_keys()


def test_keys_are_fetched_over_one_encrypted_connection(tls: ssl.SSLContext) -> None:
    def describe(connection: socket.socket) -> None:
        described = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys?of=all"}
        respond(described)(connection)

    with ScriptedServer(describe, respond({"keys": []}), tls=tls) as issuer:
        assert Issuer(issuer.url).fetch_keys() == {}
        assert [each.target for each in issuer.requests] == [DISCOVERY, "/keys?of=all"]
        assert issuer.connections == 1


def test_an_issuer_whose_certificate_is_not_trusted_is_asked_for_nothing(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        ScriptedServer(respond({}), tls=tls) as server,
        pytest.raises(IssuerUnavailable, match="SSLCertVerificationError"),
    ):
        Issuer(server.url).fetch_keys()
    assert server.requests == []


@pytest.mark.parametrize("path", ["/schlüssel", "/a key", "/keys\r\nX: y"])
def test_an_address_that_cannot_be_asked_for_counts_as_unavailable(
    server: TestServer, path: str
) -> None:
    serve(server, {"keys": []}, jwks_uri=server.url + path)
    with pytest.raises(IssuerUnavailable):
        Issuer(server.url).fetch_keys()


def test_an_issuer_of_another_name_is_not_believed(server: TestServer, signer: Signer) -> None:
    serve(server, {"keys": [signer.public]}, issuer="https://id.example.com")
    with pytest.raises(IssuerUnavailable, match="differs from TOKEN_ISSUER"):
        Issuer(server.url).fetch_keys()


@pytest.mark.parametrize(
    "page",
    [
        (200, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b"[" * 200_000),
        (200, {}, b'{"issuer": 1, "keys": 1}'),
        (200, {}, b'{"keys": [1]}'),
        (200, {}, b" " * 1_000_000),
        (200, {"Content-Length": "1000"}, b'{"keys": []}'),
        (404, {}, b"{}"),
        (500, {}, b"{}"),
    ],
)
@pytest.mark.parametrize("path", [DISCOVERY, "/keys"])
def test_nonsense_is_not_taken_for_keys(
    server: TestServer, page: tuple[int, dict[str, str], bytes], path: str
) -> None:
    serve(server, {"keys": []})
    server.pages[path] = page
    with pytest.raises(IssuerUnavailable):
        Issuer(server.url).fetch_keys()


def test_a_token_without_keys_to_check_it_is_not_let_in(server: TestServer, signer: Signer) -> None:
    serve(server, {"keys": []})
    with pytest.raises(TokenRefused, match="no such key"):
        tokens_of(server.url).verify(signer.token("maria", "shop", ""))
