"""Checks whether an AWS account can take a stage, before CloudFormation starts."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError
from chalice.app import Chalice

from carafe.development.event_sources import queue_triggers
from carafe.development.sdk_errors import NO_ANSWER
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .errors import NotAccepted
from .stages import Stage

STACK_TAG = "aws:cloudformation:stack-name"
CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})


def check_account(app: Chalice, stage: Stage) -> str:
    """Return the account's number if a stack of this stage can be created or changed there.

    Raises:
        NotAccepted: there are no credentials, AWS does not answer, or names are in use.
    """
    try:
        account: str = _client("sts").get_caller_identity()["Account"]
        conflicts = list(_conflicts(app, stage))
    except (NoCredentialsError, PartialCredentialsError):
        raise NotAccepted(
            "no credentials for AWS: `aws sso login`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID"
        ) from None
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise NotAccepted(f"AWS refuses {error.operation_name} ({code})") from None
    except NO_ANSWER as error:
        reason = type(error).__name__
        raise NotAccepted(
            f"AWS cannot be reached ({reason}): try `aws sts get-caller-identity`"
        ) from None
    if conflicts:
        raise NotAccepted(f"{', '.join(conflicts)}: taken in account {account} by another stack")
    return account


def _client(service: str) -> Any:  # noqa: ANN401 - boto3's client has no type
    return boto3.client(service, config=CLIENT_CONFIG)


def _conflicts(app: Chalice, stage: Stage) -> Iterator[str]:
    """Yield the names in use that do not belong to the stage's own stack."""
    stack = f"{stage.service}-{stage.name}"
    sqs, manager = _client("sqs"), _client("secretsmanager")
    for trigger in queue_triggers(app):
        for queue in (trigger.queue, dead_letters(trigger.queue)):
            try:
                url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            except sqs.exceptions.QueueDoesNotExist:
                continue
            if sqs.list_queue_tags(QueueUrl=url).get("Tags", {}).get(STACK_TAG) != stack:
                yield f"queue {queue}"
    for name in ("settings", "broker"):
        secret = f"{stage.service}/{name}"
        try:
            tags = manager.describe_secret(SecretId=secret).get("Tags", [])
        except manager.exceptions.ResourceNotFoundException:
            continue
        if {"Key": STACK_TAG, "Value": stack} not in tags:
            yield f"secret {secret}"
