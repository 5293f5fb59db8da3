"""What API Gateway answers by itself, in the form of the service's own problems (RFC 9457)."""

import json
from dataclasses import dataclass

from chalice.app import Chalice

from workflow.deployment.stages import Stage

from .naming import Resources

EXTENSION = "x-amazon-apigateway-gateway-responses"


@dataclass(frozen=True)
class Refusal:
    """A request that does not come through to a function.

    Attributes:
        status: of the answer.
        code: stable name for programs.
        title: the kind of problem.
        detail: what to do.
        headers: of the answer, besides the content type.
    """

    status: int
    code: str
    title: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


_AGAIN = (("Retry-After", "5"),)

REFUSALS = {
    "UNAUTHORIZED": Refusal(
        401,
        "token_missing",
        "The caller is not known",
        "Send an access token, as `Authorization: Bearer …`.",
        (("WWW-Authenticate", "Bearer"),),
    ),
    "ACCESS_DENIED": Refusal(
        401,
        "token_refused",
        "The caller is not known",
        "The access token is malformed, expired, or not for this service; get a new one.",
        (("WWW-Authenticate", 'Bearer error="invalid_token"'),),
    ),
    "AUTHORIZER_FAILURE": Refusal(
        503,
        "issuer_unavailable",
        "The service cannot work now",
        "Access tokens cannot be checked now; try again.",
        _AGAIN,
    ),
    "MISSING_AUTHENTICATION_TOKEN": Refusal(
        404,
        "no_such_route",
        "There is no such thing",
        "Nothing is served here; /openapi.json lists what is.",
    ),
    "REQUEST_TOO_LARGE": Refusal(
        413, "body_too_large", "The request is too large", "Send a smaller body."
    ),
    "THROTTLED": Refusal(
        429, "too_many_requests", "Too many requests", "Wait a moment, then try again.", _AGAIN
    ),
    "INTEGRATION_TIMEOUT": Refusal(
        504,
        "timeout",
        "The service did not answer in time",
        "Try again with the same Idempotency-Key: what was done is not done twice.",
        _AGAIN,
    ),
    "INTEGRATION_FAILURE": Refusal(
        502, "function_failed", "The service failed", "Try again with the same Idempotency-Key."
    ),
    "DEFAULT_4XX": Refusal(
        400, "bad_request", "The request cannot be read", "The request is not right."
    ),
    "DEFAULT_5XX": Refusal(
        500, "internal_error", "The service failed", "Something unforeseen happened."
    ),
}
"""By API Gateway's names of its responses; MISSING_AUTHENTICATION_TOKEN is its odd name for an
unknown path. The last two keep the status that API Gateway gives.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def resources(app: Chalice, _stage: Stage) -> Resources:
    """Return the gateway responses, as part of the API's definition."""
    if not app.routes:
        return {}
    responses = {name: _response(name, refusal) for name, refusal in REFUSALS.items()}
    return {"RestAPI": {"Properties": {"DefinitionBody": {EXTENSION: responses}}}}


def _response(name: str, refusal: Refusal) -> Resources:
    headers = {"Content-Type": "application/problem+json", **dict(refusal.headers)}
    fixed = not name.startswith("DEFAULT")
    body = {
        "title": refusal.title,
        **({"status": refusal.status} if fixed else {}),
        "detail": refusal.detail,
        "code": refusal.code,
        "correlation_id": "$context.requestId",
        "type": "about:blank",
    }
    text = json.dumps(body, ensure_ascii=False)
    response: Resources = {
        "responseParameters": {
            f"gatewayresponse.header.{header}": f"'{value}'" for header, value in headers.items()
        },
        "responseTemplates": {"application/json": text},
    }
    if fixed:
        response["statusCode"] = str(refusal.status)
    return response
