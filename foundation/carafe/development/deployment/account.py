"""The AWS account of the terminal: clients, and what to say when it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, NoRegionError

from carafe.development.sdk_errors import NO_ANSWER, NO_CREDENTIALS, NO_CREDENTIALS_ADVICE

from .errors import NotAccepted

CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 2})

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def client(service: str) -> Any:  # noqa: ANN401 - boto3's client has no type
    """Return a client of one of AWS's services."""
    return boto3.client(service, config=CLIENT_CONFIG)


def account_number() -> str:
    """Return the number of the account."""
    return str(client("sts").get_caller_identity()["Account"])


@contextmanager
def explained_refusals() -> Iterator[None]:
    """Raise what AWS refuses in the block as an error that says what to do.

    Raises:
        NotAccepted: there are no credentials, AWS does not answer, or refuses.
    """
    try:
        yield
    except NO_CREDENTIALS:
        raise NotAccepted(NO_CREDENTIALS_ADVICE) from None
    except NoRegionError:
        raise NotAccepted("no region: set AWS_DEFAULT_REGION, or `aws configure`") from None
    except ClientError as error:
        raise NotAccepted(_refusal(error)) from None
    except NO_ANSWER as error:
        reason = type(error).__name__
        raise NotAccepted(
            f"AWS cannot be reached ({reason}): try `aws sts get-caller-identity`"
        ) from None


def code_of(error: ClientError) -> str:
    """Return the code of what AWS refuses."""
    return str(error.response["Error"]["Code"])


def _refusal(error: ClientError) -> str:
    code = code_of(error)
    if code in DENIED:
        return (
            f"you may not call {error.operation_name} ({code}): build/STAGE/deployer.json is the "
            "policy that a deployment needs"
        )
    message = str(error.response["Error"].get("Message", "")).partition("\n")[0]
    return f"AWS refuses {error.operation_name} ({code}){': ' + message if message else ''}"
