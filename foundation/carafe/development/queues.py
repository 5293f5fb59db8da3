"""The SQS queues that trigger functions, each with its dead-letter queue."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from carafe.contracts.addresses import is_web_address
from carafe.infrastructure.aws.client import AwsClient
from carafe.infrastructure.aws.configuration import SQS
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .event_sources import QueueTrigger
from .lambda_context import FUNCTION_TIMEOUT_SECONDS
from .servers.errors import Unreachable

# AWS requires a visibility timeout of at least the function's timeout and recommends six times as
# much, so that a message does not come back while its batch is still being retried.
VISIBILITY_SECONDS = 6 * FUNCTION_TIMEOUT_SECONDS

# Deliveries before SQS moves a message to the dead-letter queue.
MAX_RECEIVES = 5
# The function parks commands itself, with a reason, and they wait while the store is unavailable:
# so as many as SQS allows.
MAX_COMMAND_RECEIVES = 1_000
# Nudges expire first: while broker or database are away, they come back to no avail.
MAX_NUDGE_RECEIVES = 100
COMMAND_FUNCTION = "execute"
NUDGE_FUNCTION = "bridge"

REGION = "us-east-1"
CREDENTIALS = "local"  # moto and LocalStack accept any

# A receive may wait on purpose, for at most 20 s.
ATTEMPT_SECONDS, TOTAL_SECONDS = 30.0, 60.0

_one_endpoint = threading.Lock()


class QueueClient:
    """What the pump needs of SQS, by the functions' own client.

    The pump spent more than half of its time in boto3, and most of its start.

    Args:
        endpoint_url: of the local SQS, as for `sqs_client`.

    Raises:
        Unreachable: the address is not valid.
    """

    def __init__(self, endpoint_url: str) -> None:
        _require_address(endpoint_url)
        environment = {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": CREDENTIALS,
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS,
            "AWS_DEFAULT_REGION": REGION,
        }
        self._client = AwsClient(SQS, ATTEMPT_SECONDS, TOTAL_SECONDS, environment)

    def create_queue(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Create a queue, unless there is one, and return its URL."""
        return self._client.call("CreateQueue", arguments)

    def get_queue_attributes(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Return attributes of a queue."""
        return self._client.call("GetQueueAttributes", arguments)

    def receive_message(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Return up to ten messages."""
        return self._client.call("ReceiveMessage", arguments)

    def delete_message_batch(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Delete up to ten messages."""
        return self._client.call("DeleteMessageBatch", arguments)


def sqs_client(endpoint_url: str) -> Any:  # noqa: ANN401 - boto3's client has no type
    """Return a client of the local SQS, be it LocalStack or moto.

    Raises:
        Unreachable: the address is not valid.
    """
    _require_address(endpoint_url)
    # Imported here: it brings boto3, which neither the pump nor a diagram needs.
    import localstack_client.session  # noqa: PLC0415

    with _endpoint_of_process(endpoint_url):
        session = localstack_client.session.Session(
            aws_access_key_id=CREDENTIALS,
            aws_secret_access_key=CREDENTIALS,
            region_name=REGION,
        )
    return session.client("sqs")


@contextmanager
def _endpoint_of_process(endpoint_url: str) -> Iterator[None]:
    """Set AWS_ENDPOINT_URL for the block: localstack-client prefers it to any argument."""
    with _one_endpoint:
        before = os.environ.get("AWS_ENDPOINT_URL")
        os.environ["AWS_ENDPOINT_URL"] = endpoint_url
        try:
            yield
        finally:
            del os.environ["AWS_ENDPOINT_URL"]
            if before is not None:
                os.environ["AWS_ENDPOINT_URL"] = before


def _require_address(endpoint_url: str) -> None:
    if not is_web_address(endpoint_url):
        raise Unreachable("AWS_ENDPOINT_URL must be http://host:port: correct or remove it.")


def max_receives(trigger: QueueTrigger) -> int:
    """Return how often a queue delivers a message before it goes to the dead-letter queue."""
    most = {COMMAND_FUNCTION: MAX_COMMAND_RECEIVES, NUDGE_FUNCTION: MAX_NUDGE_RECEIVES}
    return most.get(trigger.function, MAX_RECEIVES)


def declare_queues(
    sqs: Any,  # noqa: ANN401 - boto3's client has no type
    triggers: list[QueueTrigger],
    visibility_seconds: int = VISIBILITY_SECONDS,
) -> dict[str, str]:
    """Create the queues that are missing.

    Args:
        sqs: boto3's SQS client, or a `QueueClient`.
        triggers: the queues and their functions.
        visibility_seconds: how long a delivered message stays hidden.

    Returns:
        The URL of each queue, by name.
    """
    urls = {}
    for trigger in triggers:
        dead_letter_url = sqs.create_queue(QueueName=dead_letters(trigger.queue))["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": arn_of(sqs, dead_letter_url),
            "maxReceiveCount": max_receives(trigger),
        }
        attributes = {
            "VisibilityTimeout": str(visibility_seconds),
            "RedrivePolicy": json.dumps(redrive),
        }
        queue = sqs.create_queue(QueueName=trigger.queue, Attributes=attributes)
        urls[trigger.queue] = queue["QueueUrl"]
    return urls


def arn_of(sqs: Any, queue_url: str) -> str:  # noqa: ANN401 - boto3's client has no type
    """Return a queue's ARN."""
    answer = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    arn: str = answer["Attributes"]["QueueArn"]
    return arn
