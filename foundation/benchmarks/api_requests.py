"""Events of API Gateway, and the settings of a function in AWS Lambda."""

import json
import os
from collections.abc import Mapping
from typing import Any

from carafe.infrastructure.identifiers import new_id

Event = dict[str, Any]

_IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"

LINES = 5
CUSTOMER = "maria"
ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}

# As a browser's or another service's requests arrive behind API Gateway.
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br",
    "Content-Type": "application/json",
    "Host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
    "User-Agent": "python-urllib3/2.8.0",
    "X-Amzn-Trace-Id": "Root=1-65f2a1b3-4c5d6e7f8a9b0c1d2e3f4a5b",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


class Context:
    """The context that AWS Lambda passes to a function."""

    function_name = "ordering-dev"
    function_version = "1"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:ordering-dev"

    def __init__(self) -> None:
        self.aws_request_id = new_id()

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left for the function."""
        return 29_000


def place(product_ids: list[str]) -> Event:
    """Return the request that places an order, with its own key."""
    lines = [{"product_id": each, "quantity": 2} for each in product_ids]
    body = json.dumps({"lines": lines, "shipping_address": ADDRESS})
    return _event("POST", "/orders", {}, body, {"Idempotency-Key": new_id()})


def read(order_id: str) -> Event:
    """Return the request that reads an order."""
    return _event("GET", "/orders/{id}", {"id": order_id}, None, {})


def _event(
    method: str,
    resource: str,
    parameters: Mapping[str, str],
    body: str | None,
    headers: Mapping[str, str],
) -> Event:
    path = resource.format(**parameters)
    all_headers = {**_HEADERS, **headers}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": all_headers,
        "multiValueHeaders": {name: [value] for name, value in all_headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "a1b2c3",
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "api",
            "requestId": new_id(),
            "identity": {"sourceIp": "203.0.113.7", "userAgent": _HEADERS["User-Agent"]},
            "authorizer": {
                "principalId": CUSTOMER,
                "subject": CUSTOMER,
                "scopes": "orders:read orders:write",
                "expires_at": "4102444800",
            },
        },
        "body": body,
        "isBase64Encoded": False,
    }


def environment(mongo_uri: str) -> Mapping[str, str]:
    """Return the environment of a deployed function, with a database of this machine."""
    nowhere = "http://127.0.0.1:9/"
    return {
        _IN_LAMBDA: "ordering-dev",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": "benchmark",
        "EVENT_BUS_TYPE": "base",
        "NUDGE_QUEUE_URL": nowhere,
        "PAYMENTS_URL": nowhere,
        "TOKEN_ISSUER": nowhere,
    }


def accept_this_machine() -> None:
    """Let settings be read as outside AWS, where a database without TLS is accepted.

    Everything else stays as in AWS Lambda: no stand-in for its gateway, and log lines as JSON.
    """
    from carafe.infrastructure import declaration, logs  # noqa: PLC0415 - imported by app.py by now

    outside = {name: each for name, each in os.environ.items() if name != _IN_LAMBDA}
    setattr(declaration, "environment", lambda _file: outside)  # noqa: B010 - not meant to be exported
    logs.configure()
