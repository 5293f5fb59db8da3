"""F49: forged tokens let nobody in, and lead nowhere."""

from collections.abc import Iterator, Mapping

import pytest
from chalice.test import Client

from carafe.development.servers.stack import Stack
from carafe.development.tokens import bearer
from carafe.testing.description import Description
from carafe.testing.http import Api
from carafe.testing.tokens import AUDIENCE
from chalicelib.infrastructure.bootstrap import service
from tests.support.forger import Forger
from tests.support.forgeries import FORGERIES
from tests.support.http_server import TestServer

HARMLESS = {
    "as the issuer writes them": lambda f: f.good(),
    "for several audiences": lambda f: f.good(aud=["another-service", AUDIENCE]),
    "a clock a little ahead": lambda f: f.good(nbf=f.now + 20, iat=f.now + 20),
    "just expired, by a clock a little behind": lambda f: f.good(exp=f.now - 1),
    "scopes as a list": lambda f: f.good(scope=None, scp=["orders:read"]),
    "times with fractions": lambda f: f.good(exp=f.now + 600.5, nbf=f.now - 0.25),
    "a header that says more": lambda f: f.with_header(x5t="abc", jku=f"{f.trap}/jwks.json"),
    "an embedded key that is not asked": lambda f: f.with_header(jwk=f.thief),
    "no kind": lambda f: f.with_header(typ="JWT"),
}


@pytest.fixture(scope="module")
def trap() -> Iterator[TestServer]:
    """Where tokens point: it would serve the thief's keys, and hears of every visit."""
    with TestServer() as server:
        yield server


@pytest.fixture(scope="module")
def forger(stack: Stack, trap: TestServer) -> Forger:
    forger = Forger(
        stack.environment["TOKEN_ISSUER"], stack.folder / "issuer" / "key.pem", trap.url
    )
    discovery = {"issuer": trap.url, "jwks_uri": f"{trap.url}/jwks.json"}
    trap.pages = {
        "/.well-known/openid-configuration": (200, {}, discovery),
        "/jwks.json": (200, {}, {"keys": [forger.thief]}),
    }
    return forger


@pytest.fixture
def gate(
    environment: Mapping[str, str],
    description: Description,
    caller: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Api]:
    """The service with an empty database behind its authorizer."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    service.forget()
    from app import app  # noqa: PLC0415 - after the environment is set

    with Client(app, stage_name="local") as client:
        yield Api(client, description, caller)
    service.container().close()
    service.forget()


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_token_lets_nobody_in_and_leads_nowhere(
    gate: Api, forger: Forger, trap: TestServer, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    token = FORGERIES[kind](forger)
    caplog.set_level("DEBUG")
    answer = gate.get("/orders", bearer(token))
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    # So speaks the gateway, when the authorizer denies; the view behind it would refuse as well.
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert trap.hits == []
    assert len(token) < 5 or token not in caplog.text


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_forgeries_are_made_of_lets_its_owner_in(
    gate: Api, forger: Forger, trap: TestServer, kind: str
) -> None:
    assert gate.get("/orders", bearer(HARMLESS[kind](forger))).status == 200
    assert trap.hits == []


def test_there_are_enough_forgeries() -> None:
    assert len(FORGERIES) >= 40


@pytest.mark.parametrize(
    "header", ["Basic bWFyaWE6", "Bearer", "bearer", "Token {}", "{}", "Bearer  {}", "Bearer\t{}"]
)
def test_a_token_comes_as_a_bearer_token(gate: Api, forger: Forger, header: str) -> None:
    assert gate.get("/orders", {"Authorization": header.format(forger.good())}).status == 401
    lower = {"authorization": f"bearer {forger.good()}"}
    assert gate.get("/orders", lower).status == 200
