"""Chalice's local gateway, made to answer as API Gateway does, under `chalice local` and in tests.

Refusals are problems, as the deployed gateway's are; an authorizer's answer is repeated for its
`ttl_seconds`; answers are compressed, as it does by `minimum_compression_size`. What Chalice's
server reads wrongly is refused: a body in chunks, which it would take for the next request.
"""

import base64
import functools
import gzip
import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from weakref import WeakKeyDictionary

from chalice.app import CaseInsensitiveMapping, Chalice, Response
from chalice.config import Config
from chalice.local import (
    ChaliceRequestHandler,
    LocalGateway,
    LocalGatewayException,
    NotAuthorizedError,
)

from carafe.contracts.problem import Problem

from . import cors
from .authorizer_cache import AuthorizerCache, CachingGatewayAuthorizer
from .gateway import REFUSALS, Refusal
from .problems import TITLES, response_to
from .requests import correlation_id

log = logging.getLogger(__name__)

Answer = dict[str, Any]
Headers = dict[str, Any]

METHOD_REFUSED = Refusal(405, "method_not_allowed", "The header Allow lists what is served here.")
LENGTH_REQUIRED = Refusal(
    411, "length_required", "Send the length of the body as Content-Length; chunks are not read."
)

_GZIP = re.compile(r"(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[0-9.]+\s*)?(?=,|$)", re.IGNORECASE)
"""In Accept-Encoding; with the weight 0 it is refused."""

_initialize = LocalGateway.__init__
_handle_request = LocalGateway.handle_request

_authorizers: WeakKeyDictionary[Config, CachingGatewayAuthorizer] = WeakKeyDictionary()
"""Chalice makes a gateway for each connection; those of one server have one configuration."""

PREPARATIONS: WeakKeyDictionary[Chalice, Callable[[], None]] = WeakKeyDictionary()
"""What is done by the first connection to an app; each has a thread, and all may come at once."""


@functools.cache
def install() -> None:
    """Change Chalice's local gateway and its server, once for the process."""
    LocalGateway.__init__ = initialize  # type: ignore[method-assign, assignment]
    LocalGateway.handle_request = handle_request  # type: ignore[method-assign, assignment]
    ChaliceRequestHandler.send_error = send_error
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        setattr(ChaliceRequestHandler, f"do_{method}", generic_handle)
    # Any other method is refused where it is known what is served.
    ChaliceRequestHandler.__getattr__ = method_handler


def initialize(gateway: LocalGateway, app_object: Chalice, config: Config) -> None:
    """Make a gateway that keeps the answers of authorizers."""
    if prepare := PREPARATIONS.get(app_object):
        prepare()
        PREPARATIONS.pop(app_object, None)  # only now: whoever comes meanwhile waits as well
    _initialize(gateway, app_object, config)
    authorizer = CachingGatewayAuthorizer(app_object, AuthorizerCache())
    gateway._authorizer = _authorizers.setdefault(config, authorizer)  # noqa: SLF001


def handle_request(
    gateway: LocalGateway, method: str, path: str, headers: Headers, body: bytes | None
) -> Answer:
    """Answer a request as the deployed gateway would."""
    answer = _answered(gateway, method, path, headers, body)
    origin = CaseInsensitiveMapping(headers).get("origin")
    answer["headers"] |= cors.of_answer(gateway._app_object, origin)  # noqa: SLF001
    if method == "HEAD":
        answer["body"] = ""
    return _compressed(answer, headers, gateway._config.minimum_compression_size)  # noqa: SLF001


def _answered(
    gateway: LocalGateway, method: str, path: str, headers: Headers, body: bytes | None
) -> Answer:
    try:
        answer: Answer = _handle_request(gateway, method, path, headers, body)
    except NotAuthorizedError:
        return _refused(REFUSALS["UNAUTHORIZED"], headers)
    except LocalGatewayException as refusal:
        denied = refusal.headers["x-amzn-ErrorType"] == "AccessDeniedException"
        name = "ACCESS_DENIED" if denied else "MISSING_AUTHENTICATION_TOKEN"
        return _refused(REFUSALS[name], headers)
    except UnicodeEncodeError:  # Chalice's, over the Authorization of an unknown path
        return _refused(REFUSALS["MISSING_AUTHENTICATION_TOKEN"], headers)
    except Exception as error:  # noqa: BLE001 - views answer theirs: this is the authorizer's
        log.error("the authorizer failed: %s", type(error).__name__)  # noqa: TRY400 - no token
        return _refused(REFUSALS["AUTHORIZER_FAILURE"], headers)
    # Chalice answers OPTIONS itself, for browsers that ask on behalf of another origin's page; it
    # knows one origin at most.
    if answer["statusCode"] == METHOD_REFUSED.status or answer["body"] is None:
        methods = _methods_at(gateway, path)
        if method == "OPTIONS" and (permit := _preflight(gateway, headers, methods)):
            return permit
        answer = _refused(METHOD_REFUSED, headers)
        answer["headers"]["Allow"] = ", ".join(methods)
    return answer


def _preflight(gateway: LocalGateway, headers: Headers, methods: list[str]) -> Answer | None:
    """Return the answer to a browser that asks on behalf of a page; None if no page may call."""
    origin = CaseInsensitiveMapping(headers).get("origin")
    permit = cors.of_preflight(gateway._app_object, origin, methods)  # noqa: SLF001
    if permit is None:
        return None
    answer: Answer = Response(body="", status_code=204, headers={**permit}).to_dict()
    return answer


def _methods_at(gateway: LocalGateway, path: str) -> list[str]:
    """Return the methods that are served at a path."""
    route = gateway.event_converter._route_matcher.match_route(path).route  # noqa: SLF001
    return sorted(gateway._app_object.routes[route])  # noqa: SLF001


def _refused(refusal: Refusal, headers: Headers) -> Answer:
    identifier = correlation_id(CaseInsensitiveMapping(headers))
    problem = Problem(
        title=TITLES.get(refusal.status) or HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=refusal.detail,
        code=refusal.code,
        correlation_id=identifier,
    )
    response = response_to(problem)
    response.headers["X-Correlation-Id"] = identifier
    if refusal.challenge is not None:
        response.headers["WWW-Authenticate"] = refusal.challenge
    answer: Answer = response.to_dict()
    return answer


def _compressed(answer: Answer, headers: Headers, minimum: int | None) -> Answer:
    """Compress a body of at least so many bytes if the caller accepts that."""
    if minimum is None:
        return answer
    body = answer["body"].encode()
    if len(body) < minimum:
        return answer
    varies = answer["headers"].get("Vary")
    answer["headers"]["Vary"] = ", ".join([*([varies] if varies else []), "Accept-Encoding"])
    if _GZIP.search(CaseInsensitiveMapping(headers).get("accept-encoding", "")):
        answer["headers"]["Content-Encoding"] = "gzip"
        answer["body"] = base64.b64encode(gzip.compress(body)).decode()
        answer["isBase64Encoded"] = True
    return answer


# The server in front of the gateway

_original_generic_handle = ChaliceRequestHandler._generic_handle  # noqa: SLF001


def generic_handle(handler: ChaliceRequestHandler) -> None:
    """Handle a request whose body has a length; refuse and hang up on any other."""
    if "transfer-encoding" in handler.headers or not _has_valid_length(handler):
        _send(handler, LENGTH_REQUIRED, dict(handler.headers))
    else:
        _original_generic_handle(handler)


def method_handler(handler: ChaliceRequestHandler, name: str) -> Callable[[], None]:
    """Return what handles a method that HTTP's standard does not name."""
    if not name.startswith("do_"):
        raise AttributeError(name)
    return functools.partial(generic_handle, handler)


def send_error(
    handler: ChaliceRequestHandler, code: int, message: str | None = None, _: str | None = None
) -> None:
    """Answer a request that cannot be read with a problem, and hang up."""
    handler.request_version = handler.protocol_version  # unknown, it would leave out the headers
    title = HTTPStatus(code).phrase
    detail = f"{message or title}. Send a request of HTTP/1.1."
    _send(handler, Refusal(code, title.lower().replace(" ", "_").replace("-", "_"), detail), {})


def _has_valid_length(handler: ChaliceRequestHandler) -> bool:
    lengths = set(handler.headers.get_all("content-length", ["0"]))
    return len(lengths) == 1 and lengths.pop().isdecimal()


def _send(handler: ChaliceRequestHandler, refusal: Refusal, headers: Headers) -> None:
    answer = _refused(refusal, headers)
    handler.close_connection = True
    answer["headers"]["Connection"] = "close"
    handler._send_http_response(refusal.status, answer["headers"], answer["body"])  # noqa: SLF001
