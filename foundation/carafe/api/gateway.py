"""What API Gateway answers by itself, in the form of our problems; and its stand-in.

`REFUSALS` is meant for two readers: the deployment makes gateway responses of it, and
`stand_in` lets Chalice's local gateway, under `chalice local` and in tests, answer the same.
There the stand-in also compresses, as API Gateway does by `minimum_compression_size`.
"""

import base64
import functools
import gzip
import logging
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import CaseInsensitiveMapping
from msgspec import Struct

from carafe.contracts.problem import Problem
from carafe.infrastructure.settings import in_lambda

from .problems import EXAMPLES, TITLES, response_to
from .requests import correlation_id

log = logging.getLogger(__name__)

Answer = dict[str, Any]
Headers = dict[str, Any]

_GZIP = re.compile(r"(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[0-9.]+\s*)?(?=,|$)", re.IGNORECASE)
"""In Accept-Encoding; with the weight 0 it is refused."""


class Refusal(Struct, frozen=True):
    """What is answered when a request does not come through to a view.

    Attributes:
        status: of the answer.
        code: stable name for programs.
        detail: what to do.
        challenge: the header WWW-Authenticate (RFC 6750), if any.
    """

    status: int
    code: str
    detail: str
    challenge: str | None = None


REFUSALS: Mapping[str, Refusal] = {
    "UNAUTHORIZED": Refusal(
        401, "token_missing", "Send an access token, as `Authorization: Bearer …`.", "Bearer"
    ),
    "ACCESS_DENIED": Refusal(
        401,
        "token_refused",
        EXAMPLES[401],
        'Bearer error="invalid_token"',
    ),
    "AUTHORIZER_FAILURE": Refusal(
        503, "issuer_unavailable", "Access tokens cannot be checked now; try again."
    ),
    "MISSING_AUTHENTICATION_TOKEN": Refusal(
        404, "no_such_route", "Nothing is served here; /openapi.json lists what is."
    ),
}
"""By API Gateway's names of its responses. The last is its odd name for an unknown path."""

METHOD_REFUSED = Refusal(405, "method_not_allowed", "The header Allow lists what is served here.")


@functools.cache
def stand_in() -> None:
    """Let Chalice's local gateway answer as the deployed one; in AWS there is nothing to do."""
    if in_lambda(os.environ):
        return
    from chalice.local import ChaliceRequestHandler, LocalGateway  # noqa: PLC0415 - not deployed

    original = LocalGateway.handle_request

    def handle_request(
        gateway: LocalGateway, method: str, path: str, headers: Headers, body: bytes | None
    ) -> Answer:
        answer = _answered(lambda: original(gateway, method, path, headers, body), headers)
        return _compressed(answer, headers, gateway._config.minimum_compression_size)  # noqa: SLF001

    # Methods that the local server has not heard of are refused as all that are not served.
    for method in ("QUERY", "TRACE"):
        setattr(ChaliceRequestHandler, f"do_{method}", ChaliceRequestHandler._generic_handle)  # noqa: SLF001
    LocalGateway.handle_request = handle_request  # type: ignore[method-assign, assignment]


def _answered(handle: Callable[[], Answer], headers: Headers) -> Answer:
    """Return the answer to a request, or the refusal of one that does not come through."""
    from chalice.local import LocalGatewayException, NotAuthorizedError  # noqa: PLC0415

    try:
        answer = handle()
    except NotAuthorizedError:
        return _refused(REFUSALS["UNAUTHORIZED"], headers)
    except LocalGatewayException as refusal:
        denied = refusal.headers["x-amzn-ErrorType"] == "AccessDeniedException"
        name = "ACCESS_DENIED" if denied else "MISSING_AUTHENTICATION_TOKEN"
        return _refused(REFUSALS[name], headers)
    except Exception as error:  # noqa: BLE001 - views answer theirs: this is the authorizer's
        log.error("the authorizer failed: %s", type(error).__name__)  # noqa: TRY400 - no token
        return _refused(REFUSALS["AUTHORIZER_FAILURE"], headers)
    allowed = _allowed_instead(answer)
    if allowed is not None:
        answer = _refused(METHOD_REFUSED, headers)
        answer["headers"]["Allow"] = allowed
    return answer


def _allowed_instead(answer: Answer) -> str | None:
    """Return which methods are served, if the one that was asked for is not.

    Chalice answers OPTIONS itself, for browsers that ask on behalf of another origin's page; no
    route here lets them in.
    """
    if answer["statusCode"] == METHOD_REFUSED.status:
        return str(answer["headers"]["Allow"])
    if answer["body"] is None:
        served = answer["headers"]["Access-Control-Allow-Methods"].split(",")
        return ", ".join(sorted(set(served) - {"OPTIONS"}))
    return None


def _refused(refusal: Refusal, headers: Headers) -> Answer:
    identifier = correlation_id(CaseInsensitiveMapping(headers))
    problem = Problem(
        title=TITLES[refusal.status],
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
    """Compress a body of at least so many bytes for who accepts it."""
    body = answer["body"].encode()
    accepted = CaseInsensitiveMapping(headers).get("accept-encoding", "")
    if minimum is None or len(body) < minimum:
        return answer
    answer["headers"]["Vary"] = "Accept-Encoding"
    if _GZIP.search(accepted):
        answer["headers"]["Content-Encoding"] = "gzip"
        answer["body"] = base64.b64encode(gzip.compress(body)).decode()
        answer["isBase64Encoded"] = True
    return answer
