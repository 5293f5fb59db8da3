"""Keeps the answers of authorizers as API Gateway does, under `chalice local` and in tests.

For `ttl_seconds` API Gateway repeats an answer, whatever it was, to every request on any route that
has the same header Authorization.
"""

import copy
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import ChaliceAuthorizer, RouteEntry
from chalice.local import LocalGatewayAuthorizer

# API Gateway's own, for an authorizer without `ttl_seconds`.
DEFAULT_TTL_SECONDS = 300

LARGEST_SIZE = 1_000
"""How many answers are kept; then the oldest makes room."""

Key = tuple[str, str]
Answer = dict[str, Any]


class AuthorizerCache:
    """The answers of authorizers, by the authorizer's name and the header Authorization.

    They are kept as JSON, as which API Gateway receives them: each request gets one of its own.

    Args:
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[Key, tuple[float, bytes]] = {}

    def get(self, key: Key) -> Answer | None:
        """Return the answer that is still to be repeated, or None."""
        with self._lock:
            valid_until, text = self._answers.get(key, (0.0, b""))
            is_valid = self._clock() < valid_until
        return msgspec.json.decode(text, type=dict[str, Any]) if is_valid else None

    def put(self, key: Key, answer: Answer, ttl_seconds: float) -> None:
        """Keep an answer."""
        text = msgspec.json.encode(answer)
        with self._lock:
            self._answers.pop(key, None)
            if len(self._answers) >= LARGEST_SIZE:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = self._clock() + ttl_seconds, text


class CachedAuthorizer(ChaliceAuthorizer):
    """An authorizer that is called only for an answer that the cache does not have.

    Args:
        authorizer: the service's own.
        cache: its answers.
    """

    def __init__(self, authorizer: ChaliceAuthorizer, cache: AuthorizerCache) -> None:
        super().__init__(authorizer.name, authorizer.func, authorizer.scopes)
        self.config = authorizer.config
        self._authorizer = authorizer
        self._cache = cache

    def __call__(self, event: Any, context: Any) -> Any:  # noqa: ANN401 - Lambda's
        """Return an answer that the caller may change; a failure is not kept."""
        key = self.name, event["authorizationToken"]
        answer = self._cache.get(key)
        if answer is None:
            answer = self._authorizer(event, context)
            if answer is not None:  # which Chalice reports as a fault
                self._cache.put(key, answer, self._ttl_seconds)
        return answer

    @property
    def _ttl_seconds(self) -> int:
        ttl_seconds = self.config.ttl_seconds
        return DEFAULT_TTL_SECONDS if ttl_seconds is None else ttl_seconds


class CachingGatewayAuthorizer(LocalGatewayAuthorizer):
    """The part of Chalice's local gateway that calls authorizers, with a cache.

    Args:
        app_object: the app.
        cache: of all its authorizers' answers.
    """

    def __init__(self, app_object: Any, cache: AuthorizerCache) -> None:  # noqa: ANN401 - Chalice's
        super().__init__(app_object)
        self._cache = cache
        self._routes: dict[tuple[str, str], RouteEntry] = {}

    def _route_for_event(self, lambda_event: dict[str, Any]) -> RouteEntry | None:
        route = super()._route_for_event(lambda_event)
        if route is None or not isinstance(route.authorizer, ChaliceAuthorizer):
            return route
        key = route.uri_pattern, route.method
        if key not in self._routes:
            cached = copy.copy(route)
            cached.authorizer = CachedAuthorizer(route.authorizer, self._cache)
            self._routes[key] = cached
        return self._routes[key]
