"""Runs a command on a stage: invokes its function `migrate`, and reads what it answers."""

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import Struct, ValidationError, convert

from carafe.development.deployment.errors import DeploymentError
from carafe.development.event_sources import MIGRATE
from carafe.development.sdk_errors import NO_ANSWER, NO_CREDENTIALS, NO_CREDENTIALS_ADVICE

LONGEST_SECONDS = 900
"""Lambda's limit, and the function's timeout."""

CONFIG = Config(
    connect_timeout=5,
    read_timeout=LONGEST_SECONDS + 10,
    retries={"total_max_attempts": 1},  # a command may not be idempotent
    tcp_keepalive=True,
)

TIMED_OUT = "Task timed out"


class NotInvoked(DeploymentError):
    """The command did not run on the stage, or did not end."""


class CommandResult(Struct, frozen=True):
    """What a command on a stage came to.

    Attributes:
        output: what it printed.
        errors: what it printed to stderr.
        exit_code: as on the command line.
    """

    output: str
    errors: str
    exit_code: int


def run_on_stage(service: str, stage: str, words: list[str]) -> CommandResult:
    """Run a command on a stage, in the AWS account of the terminal.

    Args:
        service: the service's name.
        stage: the stage's name.
        words: of the command line, after `carafe`.

    Raises:
        NotInvoked: the function could not be invoked, or did not end in time.
    """
    function = f"{service}-{stage}-{MIGRATE}"
    try:
        caller = str(boto3.client("sts", config=CONFIG).get_caller_identity()["Arn"])
        answer = boto3.client("lambda", config=CONFIG).invoke(
            FunctionName=function, Payload=json.dumps({"command": words, "by": caller}).encode()
        )
        payload = json.loads(answer["Payload"].read())
    except NO_CREDENTIALS:
        raise NotInvoked(NO_CREDENTIALS_ADVICE) from None
    except ClientError as error:
        raise NotInvoked(_refusal(function, error)) from None
    except (*NO_ANSWER, ValueError) as error:
        raise NotInvoked(
            f"{function} did not answer ({type(error).__name__}): try "
            "`aws sts get-caller-identity`; the command may have run all the same"
        ) from None
    if "FunctionError" in answer:
        raise NotInvoked(_failure(function, payload))
    try:
        return convert(payload, CommandResult)
    except ValidationError:
        raise NotInvoked(
            f"{function} is of another version than this command: deploy the stage, or check out "
            "what runs there"
        ) from None


def _refusal(function: str, error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if code == "ResourceNotFoundException":
        return f"there is no function {function} in this account and region: is it deployed?"
    if code == "AccessDeniedException":
        return f"you may not invoke {function}: IAM must allow you lambda:InvokeFunction on it"
    return f"AWS refuses to invoke {function} ({code})"


def _failure(function: str, payload: Any) -> str:  # noqa: ANN401 - any JSON
    message = str(payload.get("errorMessage", "")) if isinstance(payload, dict) else ""
    if TIMED_OUT in message:
        return (
            f"{function} did not end within {LONGEST_SECONDS // 60} minutes: repeat the command, "
            "what is done stays done"
        )
    kind = payload.get("errorType", "no reason") if isinstance(payload, dict) else "no reason"
    return f"{function} failed ({kind}): look into its log group /aws/lambda/{function}"
