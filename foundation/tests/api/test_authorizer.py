"""The authorizer and the views behind it, called as Lambda calls them."""

import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from carafe.api import requests
from carafe.api.authorizer import TTL_SECONDS
from carafe.development.project import Project
from carafe.development.servers.ports import choose_port
from carafe.infrastructure.authorization.key_set import Issuer, KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.tokens import Grant, TokenVerifier
from carafe.infrastructure.container import Container
from carafe.testing.http import Api
from carafe.testing.tokens import AUDIENCE, SignedIn
from chalicelib.contracts.scopes import SCOPES
from tests.support.callers import CUSTOMER


def rest_event(authorizer: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what API Gateway sends for `GET /orders`."""
    context: dict[str, Any] = {
        "httpMethod": "GET",
        "resourcePath": "/orders",
        "path": "/api/orders",
    }
    if authorizer is not None:
        context["authorizer"] = authorizer
    return {
        "requestContext": context,
        "headers": {"X-Local-Caller": "maria", "Authorization": CUSTOMER["Authorization"]},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
    }


LATER = str(int(time.time()) + 3600)
RIGHT = {"subject": "maria", "scopes": "orders:read", "expires_at": LATER}


@pytest.mark.parametrize(
    ("authorizer", "status"),
    [
        (RIGHT, 200),
        ({**RIGHT, "principalId": "maria", "integrationLatency": 3}, 200),
        (None, 401),
        ({}, 401),
        ({"principalId": "maria"}, 401),
        ({**RIGHT, "subject": ""}, 401),
        ({"subject": "maria", "expires_at": LATER}, 401),
        ({"subject": "maria", "scopes": "orders:read"}, 401),
        ({**RIGHT, "expires_at": str(int(time.time()) - 1)}, 401),
        ({**RIGHT, "scopes": ""}, 403),
        ({**RIGHT, "scopes": "orders:write operations"}, 403),
    ],
)
@pytest.mark.usefixtures("service")
def test_a_view_believes_the_authorizer_alone(
    authorizer: Mapping[str, Any] | None, status: int
) -> None:
    from app import app  # noqa: PLC0415 - after the environment is set

    answer = app(rest_event(authorizer), None)
    assert answer["statusCode"] == status


ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc/api/GET/orders"


def authorized(token: str) -> Any:  # noqa: ANN401 - Lambda's answer
    """Return what the authorizer function answers to API Gateway."""
    from app import authorize  # noqa: PLC0415 - after the environment is set

    return authorize({"type": "TOKEN", "authorizationToken": token, "methodArn": ARN}, None)


@pytest.mark.usefixtures("service")
def test_the_authorizer_says_who_asks_for_every_route_at_once() -> None:
    answer = authorized(SignedIn("maria", "orders:read email orders:write")["Authorization"])
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == [f"{ARN.partition('/')[0]}/api/*/*"]
    assert answer["principalId"] == answer["context"]["subject"] == "maria"
    assert answer["context"]["scopes"] == "orders:read orders:write"
    assert int(answer["context"]["expires_at"]) > time.time()


@pytest.mark.usefixtures("service")
def test_the_authorizer_denies_what_it_does_not_know() -> None:
    answer = authorized("Bearer nonsense")
    assert [each["Effect"] for each in answer["policyDocument"]["Statement"]] == ["Deny"]
    assert answer["context"] == {}


def test_while_the_issuer_is_away_nobody_gets_in_and_is_told_to_come_back(
    http: Api, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = dict(CUSTOMER)
    nowhere = f"http://127.0.0.1:{choose_port()}"
    tokens = TokenVerifier(
        TokenProfile(nowhere, frozenset({AUDIENCE})), KeySet(Issuer(nowhere).fetch_keys), SCOPES
    )
    monkeypatch.setitem(service.__dict__, "tokens", tokens)
    answer = http.get("/orders", token)
    assert (answer.status, answer.body["code"]) == (503, "issuer_unavailable")
    assert answer.headers["retry-after"] == "5"


# The local gateway repeats an answer


class CountingVerifier:
    """Counts the tokens that are verified."""

    def __init__(self, tokens: TokenVerifier) -> None:
        self._tokens = tokens
        self.count = 0

    def verify(self, token: str) -> Grant:
        self.count += 1
        return self._tokens.verify(token)


@pytest.fixture
def verifier(service: Container[Any], monkeypatch: pytest.MonkeyPatch) -> CountingVerifier:
    verifier = CountingVerifier(service.tokens)
    monkeypatch.setitem(service.__dict__, "tokens", verifier)
    return verifier


def test_a_token_is_verified_once_for_all_routes(http: Api, verifier: CountingVerifier) -> None:
    token = dict(CUSTOMER)
    assert http.get("/orders", token).status == 200
    assert http.get("/orders", token).status == 200
    assert http.get("/products", token).status == 200
    assert (
        http.delete("/products/unknown", token).status == 403
    )  # the scope is checked all the same
    assert verifier.count == 1
    assert http.get("/orders", SignedIn("john", "orders:read")).status == 200
    assert verifier.count == 2


def test_a_refused_token_is_verified_once(http: Api, verifier: CountingVerifier) -> None:
    for _ in range(2):
        answer = http.get("/orders", {"Authorization": "Bearer a.b.c"})
        assert (answer.status, answer.body["code"]) == (401, "token_refused")
    assert verifier.count == 1
    assert http.get("/orders", dict(CUSTOMER)).status == 200


def test_a_request_without_a_token_profits_from_no_other(
    http: Api, verifier: CountingVerifier
) -> None:
    assert http.get("/orders", dict(CUSTOMER)).status == 200
    assert http.get("/orders", {}).status == 401
    assert verifier.count == 1


def test_a_repeated_answer_does_not_outlive_its_token(
    http: Api, verifier: CountingVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = dict(CUSTOMER)
    assert http.get("/orders", token).status == 200
    in_a_week = time.time() + 7 * 24 * 3600
    monkeypatch.setattr(requests, "time", SimpleNamespace(time=lambda: in_a_week))
    answer = http.get("/orders", token)
    assert (answer.status, answer.body["code"]) == (401, "token_refused")
    assert verifier.count == 1


def test_an_unavailable_issuer_is_asked_again(
    http: Api, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"http://127.0.0.1:{choose_port()}"
    tokens = service.tokens
    away = TokenVerifier(
        TokenProfile(nowhere, frozenset({AUDIENCE})), KeySet(Issuer(nowhere).fetch_keys), SCOPES
    )
    monkeypatch.setitem(service.__dict__, "tokens", away)
    assert http.get("/orders", dict(CUSTOMER)).status == 503
    monkeypatch.setitem(service.__dict__, "tokens", tokens)
    assert http.get("/orders", dict(CUSTOMER)).status == 200


def test_the_gateway_repeats_for_as_long_as_the_app_says(project: Project) -> None:
    (authorizer,) = project.app.builtin_auth_handlers
    assert authorizer.ttl_seconds == TTL_SECONDS
