"""Lets pages of other origins call the API from a browser (CORS), those that a setting names.

Browsers ask first, with OPTIONS: in AWS, API Gateway answers that, by a template that the
deployment makes of this module; locally, the local gateway does. The functions' own answers bear
the headers that let a page read them. No cookie is ever read here, so none is allowed along.
https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from chalice.app import Chalice, Request, Response

from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.settings import BadSettings

ALLOW_ORIGIN = "Access-Control-Allow-Origin"

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "traceparent",
    "X-Correlation-Id",
)
"""What a page may send."""

ANSWER_HEADERS = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-Correlation-Id",
)
"""What a page may read, beside what it always may."""

MAX_AGE_SECONDS = 7_200
"""How long a browser need not ask again: the longest that Chrome accepts."""

DIFFERS = {"Vary": "Origin"}
"""What caches between must know."""

Headers = dict[str, str]
Origins = Callable[[], Sequence[str]]

_origins: WeakKeyDictionary[Chalice, Origins] = WeakKeyDictionary()


def install(app: Chalice, read: Callable[[], str]) -> None:
    """Let the answers of an app be read by pages of the allowed origins.

    Args:
        app: answers.
        read: returns the setting; it is called with the first request of another origin's page.
    """

    def origins() -> Sequence[str]:
        try:
            return read().split()
        except (BadSettings, InfrastructureError):
            return ()  # what fails is told by the view

    _origins[app] = origins

    @app.middleware("http")
    def allow(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        response.headers.update(of_answer(app, request.headers.get("origin")))
        return response


def of_answer(app: Chalice, origin: str | None) -> Headers:
    """Return the headers by which a page may read an answer; none if no page asks.

    Args:
        app: answers.
        origin: where the page is from, as its browser says.
    """
    if origin is None:
        return {}
    allowed = _allowed(app)
    if origin not in allowed:
        return dict(DIFFERS) if allowed else {}
    return {
        ALLOW_ORIGIN: origin,
        "Access-Control-Expose-Headers": ", ".join(ANSWER_HEADERS),
        **DIFFERS,
    }


def of_preflight(app: Chalice, origin: str | None, methods: Sequence[str]) -> Headers | None:
    """Return the answer to a browser that asks what a page may do; None if no page may anything.

    Args:
        app: would answer the page's request.
        origin: where the page is from.
        methods: what is served at the path.
    """
    allowed = _allowed(app)
    if not allowed:
        return None
    if origin is None or origin not in allowed:
        return dict(DIFFERS)
    return {ALLOW_ORIGIN: origin, **preflight(methods), **DIFFERS}


def preflight(methods: Sequence[str]) -> Headers:
    """Return what a page may send, once its origin is allowed."""
    return {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(REQUEST_HEADERS),
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
    }


def _allowed(app: Chalice) -> Sequence[str]:
    return _origins[app]() if app in _origins else ()
