"""Answers of authorizers are repeated as API Gateway repeats them: for a while, by the header."""

from typing import Any

import pytest
from chalice.app import AuthRequest, AuthResponse, AuthRoute, Chalice

from carafe.api.authorizer_cache import (
    DEFAULT_TTL_SECONDS,
    LARGEST_SIZE,
    AuthorizerCache,
    CachedAuthorizer,
)

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc/api/GET/orders"


class Authorizer:
    """An authorizer behind a cache, with a clock, that counts its calls."""

    def __init__(self, ttl_seconds: int | None) -> None:
        self.now = 0.0
        self.calls: list[str] = []
        self.is_failing = False
        app = Chalice(app_name="shop")
        authorizer = app.authorizer(ttl_seconds=ttl_seconds)(self._authorize)
        self.cached = CachedAuthorizer(authorizer, AuthorizerCache(lambda: self.now))

    def _authorize(self, request: AuthRequest) -> AuthResponse | None:
        self.calls.append(request.token)
        if self.is_failing:
            raise OSError("away")
        routes: list[str | AuthRoute] = ["*"] if request.token.startswith("good") else []
        return AuthResponse(routes, "maria", {"call": str(len(self.calls))})

    def answer(self, token: str) -> Any:  # noqa: ANN401 - a policy
        return self.cached({"type": "TOKEN", "authorizationToken": token, "methodArn": ARN}, {})


@pytest.mark.parametrize(("ttl_seconds", "seconds"), [(60, 60), (1, 1), (None, 300)])
def test_an_answer_is_repeated_until_its_time_is_over(
    ttl_seconds: int | None, seconds: int
) -> None:
    authorizer = Authorizer(ttl_seconds)
    first = authorizer.answer("good")
    authorizer.now = seconds - 0.1
    assert authorizer.answer("good") == first
    assert authorizer.calls == ["good"]
    authorizer.now = seconds
    assert authorizer.answer("good")["context"] == {"call": "2"}


def test_the_default_is_that_of_api_gateway() -> None:
    assert DEFAULT_TTL_SECONDS == 300


def test_nothing_is_repeated_without_a_time() -> None:
    authorizer = Authorizer(0)
    authorizer.answer("good")
    authorizer.answer("good")
    assert authorizer.calls == ["good", "good"]


def test_a_refusal_is_repeated_as_well() -> None:
    authorizer = Authorizer(60)
    assert authorizer.answer("bad") == authorizer.answer("bad")
    assert authorizer.calls == ["bad"]


@pytest.mark.parametrize("other", ["good ", "Good", "goo", "good\0", "good2"])
def test_each_header_has_an_answer_of_its_own(other: str) -> None:
    authorizer = Authorizer(60)
    authorizer.answer("good")
    authorizer.answer(other)
    assert authorizer.calls == ["good", other]


def test_each_authorizer_has_answers_of_its_own() -> None:
    one, other = Authorizer(60), Authorizer(60)
    other.cached._cache = one.cached._cache  # noqa: SLF001 - one gateway has one cache
    other.cached.name = "another"
    one.answer("good")
    other.answer("good")
    assert other.calls == ["good"]


def test_a_failure_is_not_repeated() -> None:
    authorizer = Authorizer(60)
    authorizer.is_failing = True
    with pytest.raises(OSError, match="away"):
        authorizer.answer("good")
    authorizer.is_failing = False
    assert authorizer.answer("good")["principalId"] == "maria"


def test_a_caller_cannot_change_what_is_repeated() -> None:
    authorizer = Authorizer(60)
    authorizer.answer("good")["context"]["subject"] = "john"
    authorizer.answer("good")["policyDocument"]["Statement"].clear()
    answer = authorizer.answer("good")
    assert answer["context"] == {"call": "1"}
    assert len(answer["policyDocument"]["Statement"]) == 1


def test_the_oldest_answer_makes_room() -> None:
    authorizer = Authorizer(60)
    for number in range(LARGEST_SIZE + 1):
        authorizer.answer(f"good-{number}")
    authorizer.calls.clear()
    authorizer.answer("good-1")
    assert authorizer.calls == []
    authorizer.answer("good-0")
    assert authorizer.calls == ["good-0"]
