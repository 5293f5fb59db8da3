"""Settings that are secret: read from AWS Secrets Manager and kept for warm invocations.

Two secrets, each a JSON object. One holds settings by name (`MONGO_URI`, `CURSOR_SECRET`, …); the
other the broker's `username` and `password`, in the form that Amazon MQ's event source mapping
demands as well: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from .errors import SecretsUnavailable

SETTINGS = "SECRET_ID"
BROKER_LOGIN = "BROKER_SECRET_ID"
"""The names, in the environment, of the variables that say which secrets."""

BROKER = "RABBITMQ_URL"


class SecretsClient(Protocol):
    """What is used of boto3's client of Secrets Manager."""

    def get_secret_value(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - boto3's own
        """Return the current version of a secret."""


def completed(environment: Mapping[str, str], client: SecretsClient) -> Mapping[str, str]:
    """Return an environment with the settings that its secrets hold.

    Args:
        environment: names the secrets; a broker's address has no login in it.
        client: reads them.

    Raises:
        SecretsUnavailable: a secret cannot be read, or has not the right form.
    """
    values = dict(environment)
    if secret := environment.get(SETTINGS):
        values |= _read(client, secret)
    if secret := environment.get(BROKER_LOGIN):
        login = _read(client, secret)
        if not {"username", "password"} <= login.keys():
            raise SecretsUnavailable("The broker's secret lacks `username` or `password`.")
        values[BROKER] = with_login(values.get(BROKER, ""), login["username"], login["password"])
    return values


def with_login(url: str, user: str, password: str) -> str:
    """Return a URL with a login in place of the one that it may have."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{host}").geturl()


def _read(client: SecretsClient, secret: str) -> dict[str, str]:
    try:
        answer = client.get_secret_value(SecretId=secret)
    except Exception as error:  # noqa: BLE001 - boto3 makes the classes of its errors at run time
        # What the service says; a message of it could quote anything.
        told = getattr(error, "response", {}).get("Error", {}).get("Code")
        reason = told or type(error).__name__
        raise SecretsUnavailable(f"A secret of the service cannot be read ({reason}).") from None
    try:
        values = json.loads(answer.get("SecretString", ""))
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        # No value, and no error of the parser, which would quote it.
        raise SecretsUnavailable("A secret of the service is no JSON object of texts.")
    return values
