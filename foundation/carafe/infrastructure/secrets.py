"""Secret settings, read from AWS Secrets Manager and kept for warm invocations.

There are two secrets, each a JSON object. One holds settings by name (`MONGO_URI`,
`CURSOR_SECRET`, …), the other the broker's `username` and `password`, in the form that Amazon MQ's
event source mapping requires as well: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from carafe.contracts.addresses import is_broker_address, with_login

from .aws.errors import AwsError
from .errors import SecretsUnavailable

SETTINGS = "SECRET_ID"
BROKER_LOGIN = "BROKER_SECRET_ID"
"""The environment's variables that name the secrets."""

BROKER = "RABBITMQ_URL"


class SecretsClient(Protocol):
    """The operation of Secrets Manager that is used."""

    def get_secret_value(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Return the current version of a secret."""


def with_secrets(environment: Mapping[str, str], client: SecretsClient) -> Mapping[str, str]:
    """Return an environment with the settings that its secrets hold.

    Args:
        environment: names the secrets; the broker's address has no login in it.
        client: reads them.

    Raises:
        SecretsUnavailable: a secret cannot be read, or does not have the right form.
    """
    values = dict(environment)
    if secret := environment.get(SETTINGS):
        values |= _read(client, secret)
    if secret := environment.get(BROKER_LOGIN):
        login = _read(client, secret)
        if not (login.get("username") and login.get("password")):
            raise SecretsUnavailable("The broker's secret lacks `username` or `password`.")
        # An address that is missing or malformed stays so: reading the settings names it.
        if is_broker_address(values.get(BROKER, "")):
            values[BROKER] = with_login(values[BROKER], login["username"], login["password"])
    return values


def _read(client: SecretsClient, secret: str) -> dict[str, str]:
    try:
        answer = client.get_secret_value(SecretId=secret)
    except AwsError as error:
        fault = f"A secret of the service cannot be read ({error.code})."
        raise SecretsUnavailable(fault) from None
    try:
        values = json.loads(answer.get("SecretString", ""))
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        # Without the parser's error, which would quote the value.
        raise SecretsUnavailable("A secret of the service is not a JSON object of texts.")
    return values
