"""The SQS queues that trigger functions, each with its dead-letter queue."""

import json
from typing import Any

import localstack_client.session

from carafe.infrastructure.cqrs.queued_commands import dead_letters

from .event_sources import QueueTrigger

# AWS demands a visibility timeout of at least the function's timeout, and advises six times
# it, so that a message does not come back while its batch is still being retried.
FUNCTION_TIMEOUT_SECONDS = 10
VISIBILITY_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS

# Deliveries before SQS sets a message aside.
MOST_RECEIVES = 5
# Commands are set aside by their function, with a reason, and wait while the store is away: for
# them the most that SQS takes.
MOST_RECEIVES_OF_COMMANDS = 1_000
COMMANDS = "execute"


REGION = "us-east-1"


def sqs_client(endpoint_url: str) -> Any:  # noqa: ANN401 - boto3's client has no type
    """Return an SQS client of the local stack: LocalStack's, or moto's in its place."""
    host = endpoint_url.partition("://")[2].rstrip("/")
    session = localstack_client.session.Session(
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - moto asks for one and takes any
        region_name=REGION,
        localstack_host=host,
    )
    return session.client("sqs")


def most_receives(trigger: QueueTrigger) -> int:
    """Return how often a queue delivers a message before it sets it aside."""
    return MOST_RECEIVES_OF_COMMANDS if trigger.function == COMMANDS else MOST_RECEIVES


def declare_queues(
    sqs: Any,  # noqa: ANN401 - boto3's client has no type
    triggers: list[QueueTrigger],
    visibility_seconds: int = VISIBILITY_SECONDS,
) -> dict[str, str]:
    """Make the queues that are missing.

    Args:
        sqs: boto3's SQS client.
        triggers: which queues.
        visibility_seconds: how long a delivered message stays hidden.

    Returns:
        The URL of each queue, by name.
    """
    urls = {}
    for trigger in triggers:
        dead = sqs.create_queue(QueueName=dead_letters(trigger.queue))["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": arn_of(sqs, dead),
            "maxReceiveCount": most_receives(trigger),
        }
        attributes = {
            "VisibilityTimeout": str(visibility_seconds),
            "RedrivePolicy": json.dumps(redrive),
        }
        made = sqs.create_queue(QueueName=trigger.queue, Attributes=attributes)
        urls[trigger.queue] = made["QueueUrl"]
    return urls


def arn_of(sqs: Any, queue_url: str) -> str:  # noqa: ANN401 - boto3's client has no type
    """Return a queue's ARN."""
    answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    arn: str = answer["Attributes"]["QueueArn"]
    return arn
