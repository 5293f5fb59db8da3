"""The answers of API Gateway itself, in the form of the service's problems (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from chalice.app import Chalice

from carafe.api.gateway import REFUSALS, Refusal
from carafe.api.problems import NO_SNIFFING, RETRY_AFTER_SECONDS, TITLES
from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage

from . import cors

EXTENSION = "x-amazon-apigateway-gateway-responses"
RETRYABLE = {429, 503, 504}

OTHERS: Mapping[str, Refusal] = {
    "REQUEST_TOO_LARGE": Refusal(413, "body_too_large", "Send a smaller body."),
    "THROTTLED": Refusal(429, "too_many_requests", "Wait a moment, then try again."),
    "INTEGRATION_TIMEOUT": Refusal(
        504, "timeout", "Try again with the same Idempotency-Key: nothing is done twice."
    ),
    "INTEGRATION_FAILURE": Refusal(
        502, "function_failed", "Try again with the same Idempotency-Key: nothing is done twice."
    ),
    "DEFAULT_4XX": Refusal(400, "bad_request", "The request is not right."),
    "DEFAULT_5XX": Refusal(500, "internal_error", "Something unforeseen happened."),
}
"""The answers of the real gateway only. The last two keep the status that API Gateway sets.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the gateway responses, as part of the API's definition."""
    if not app.routes:
        return {}
    responses = {
        name: _response(name, refusal, stage) for name, refusal in {**REFUSALS, **OTHERS}.items()
    }
    return {"RestAPI": {"Properties": {"DefinitionBody": {EXTENSION: responses}}}}


def _response(name: str, refusal: Refusal, stage: Stage) -> Resources:
    headers = {"Content-Type": "application/problem+json", **NO_SNIFFING}
    if refusal.challenge is not None:
        headers["WWW-Authenticate"] = refusal.challenge
    if refusal.status in RETRYABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    values = {header: f"'{value}'" for header, value in headers.items()}
    values |= cors.of_gateway_response(stage)
    response: Resources = {
        "responseParameters": {
            f"gatewayresponse.header.{header}": value for header, value in values.items()
        },
        "responseTemplates": {"application/json": _problem(name, refusal)},
    }
    if not name.startswith("DEFAULT"):
        response["statusCode"] = str(refusal.status)
    return response


def _problem(name: str, refusal: Refusal) -> str:
    body: Resources = {
        "title": TITLES.get(refusal.status, HTTPStatus(refusal.status).phrase),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "correlation_id": "$context.requestId",
        "type": "about:blank",
    }
    if name.startswith("DEFAULT"):
        del body["status"]
    return json.dumps(body, ensure_ascii=False)
