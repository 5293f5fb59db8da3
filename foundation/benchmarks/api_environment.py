"""The environment of a deployed function, on this machine; it loads nothing of what is measured."""

import os
from collections.abc import Mapping

_IN_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"

AUDIENCE = "ordering"


def environment(
    *, mongo_uri: str, rabbitmq_url: str, sqs_url: str, token_issuer: str
) -> Mapping[str, str]:
    """Return the environment, with the servers of this machine."""
    return {
        _IN_LAMBDA: "ordering-dev",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": sqs_url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "token" * 100,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": "benchmark",
        "RABBITMQ_URL": rabbitmq_url,
        "NUDGE_QUEUE_URL": f"{sqs_url}/123456789012/ordering-nudges",
        "COMMAND_QUEUE_URL": f"{sqs_url}/123456789012/ordering-commands",
        "PAYMENTS_URL": "http://127.0.0.1:9/",
        "TOKEN_ISSUER": token_issuer,
        "TOKEN_AUDIENCE": AUDIENCE,
    }


def accept_this_machine() -> None:
    """Let settings be read as outside AWS, where servers without TLS are accepted.

    Everything else stays as in AWS Lambda: no stand-in for its gateway, and log lines as JSON.
    """
    from carafe.infrastructure import declaration, logs  # noqa: PLC0415 - imported by app.py by now

    outside = {name: each for name, each in os.environ.items() if name != _IN_LAMBDA}
    setattr(declaration, "environment", lambda _file: outside)  # noqa: B010 - not meant to be exported
    logs.configure()
