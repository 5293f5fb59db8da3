"""The events with which API Gateway calls a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
import re
import time
from dataclasses import dataclass
from typing import Any

from carafe.infrastructure.identifiers import new_id

TOKEN_SECONDS = 3_600
STAGE = "api"


@dataclass(frozen=True)
class Asking:
    """Who asks, as the authorizer found out.

    Attributes:
        subject: whom the token names.
        scopes: what it allows.
    """

    subject: str
    scopes: str

    def context(self) -> dict[str, str]:
        """Return what the authorizer adds to the event."""
        expiry = str(int(time.time()) + TOKEN_SECONDS)
        return {"subject": self.subject, "scopes": self.scopes, "expires_at": expiry}


def request(
    method: str,
    route: str,
    body: object = None,
    *,
    asking: Asking,
    key: str | None = None,
    **path: str,
) -> dict[str, Any]:
    """Return the event of a request.

    Args:
        method: of HTTP.
        route: with parameters as `{id}`.
        body: goes as JSON; None for none.
        asking: who asks.
        key: the Idempotency-Key, if any.
        path: the route's parameters.
    """
    headers = {"content-type": "application/json", **({"idempotency-key": key} if key else {})}
    actual = re.sub(r"{(\w+)}", lambda match: path[match[1]], route)
    return {
        "resource": route,
        "path": actual,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": path or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route,
            "path": f"/{STAGE}{actual}",
            "httpMethod": method,
            "requestId": new_id(),
            "stage": STAGE,
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": asking.context(),
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def token(text: str) -> dict[str, str]:
    """Return the event by which an authorizer is asked about a token."""
    return {
        "type": "TOKEN",
        "authorizationToken": f"Bearer {text}",
        "methodArn": "arn:aws:execute-api:us-east-1:000000000000:api/api/GET/",
    }
