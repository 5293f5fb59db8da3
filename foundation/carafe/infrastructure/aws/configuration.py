"""Where a service of AWS is, and who calls it.

The variables are those of AWS's SDKs; AWS Lambda sets them in every function.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from carafe.contracts.addresses import is_web_address

from .errors import AwsNotConfigured
from .signature import Credentials


class AwsService(Struct, frozen=True):
    """A service of AWS that speaks its JSON protocol.

    Attributes:
        name: for messages.
        host: begins its address, and names it in signatures.
        endpoint_variable: names another address.
        target: in front of an operation's name.
        content_type: with the protocol's version.
    """

    name: str
    host: str
    endpoint_variable: str
    target: str
    content_type: str


SQS = AwsService("SQS", "sqs", "AWS_ENDPOINT_URL_SQS", "AmazonSQS", "application/x-amz-json-1.0")
SECRETS_MANAGER = AwsService(
    "Secrets Manager",
    "secretsmanager",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "secretsmanager",
    "application/x-amz-json-1.1",
)


def region_of(environment: Mapping[str, str]) -> str:
    """Return the region.

    Raises:
        AwsNotConfigured: there is none, or it cannot be part of a host's name.
    """
    region = environment.get("AWS_DEFAULT_REGION") or environment.get("AWS_REGION")
    if not region:
        raise AwsNotConfigured("Set AWS_DEFAULT_REGION")
    if not re.fullmatch("[a-z0-9-]{1,63}", region):
        raise AwsNotConfigured("AWS_DEFAULT_REGION must be a region, such as eu-central-1")
    return region


def endpoint_of(service: AwsService, environment: Mapping[str, str]) -> str:
    """Return a service's address.

    Raises:
        AwsNotConfigured: it is not valid, or there is no valid region.
    """
    for variable in (service.endpoint_variable, "AWS_ENDPOINT_URL"):
        if url := environment.get(variable):
            if not is_web_address(url) or "@" in url or "?" in url:
                raise AwsNotConfigured(f"{variable} must be http(s)://host[:port][/path]")
            return url
    region = region_of(environment)
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{service.host}.{region}.{domain}"


def credentials_of(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials.

    Raises:
        AwsNotConfigured: they are incomplete.
    """
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    secret = environment.get("AWS_SECRET_ACCESS_KEY")
    token = environment.get("AWS_SESSION_TOKEN") or None
    if not key_id or not secret:
        raise AwsNotConfigured("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    # Each is sent in a header, where a line break would begin another.
    if not (key_id.isprintable() and (token is None or token.isprintable())):
        raise AwsNotConfigured("AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN must be printable")
    return Credentials(key_id, secret, token)
