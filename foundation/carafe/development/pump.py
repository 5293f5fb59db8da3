"""Feeds queues and schedules to the functions, as AWS's event source mappings do.

A batch is what one invocation gets. What the function names in `batchItemFailures`, or the
whole batch when it raises or answers nonsense, is left in the queue: it becomes visible
again when its visibility timeout ends, and goes to the dead-letter queue after too many
deliveries. Everything else is deleted.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .event_sources import Function, QueueTrigger, ScheduleTrigger
from .queues import FUNCTION_TIMEOUT_SECONDS, REGION, arn_of

log = logging.getLogger(__name__)

LARGEST_RECEIVE = 10  # SQS's own limit for one call
POLL_SECONDS = 2
PAUSE_AFTER_FAILURE_SECONDS = 1.0


class LocalContext:
    """The context that Lambda passes to a function.

    Args:
        function: the function's name.
        timeout_seconds: after which Lambda would stop it.
    """

    def __init__(self, function: str, timeout_seconds: float = FUNCTION_TIMEOUT_SECONDS) -> None:
        self.function_name = function
        self.aws_request_id = str(uuid.uuid4())
        self._ends = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left."""
        return max(0, int((self._ends - time.monotonic()) * 1000))


class QueuePump:
    """Feeds one queue to one function.

    Args:
        sqs: boto3's SQS client.
        queue_url: the queue.
        trigger: how it is batched.
        function: called with event and context.
    """

    def __init__(
        self,
        sqs: Any,  # noqa: ANN401 - boto3's client has no type
        queue_url: str,
        trigger: QueueTrigger,
        function: Function,
    ) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._arn = arn_of(sqs, queue_url)
        self._trigger = trigger
        self._function = function

    def run(self, stopping: threading.Event) -> None:
        """Feed until told to stop; a batch under way is finished."""
        while not stopping.is_set():
            try:
                self.step()
            except (BotoCoreError, ClientError) as error:
                log.warning("queue %s: %s", self._trigger.queue, type(error).__name__)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)

    def step(self, wait_seconds: int = POLL_SECONDS) -> int:
        """Feed one batch, and return how many messages it had."""
        messages = self._gathered(wait_seconds)
        if messages:
            failed = self._failed(messages)
            self._delete([each for each in messages if each["MessageId"] not in failed])
        return len(messages)

    def _gathered(self, wait_seconds: int) -> list[dict[str, Any]]:
        """Return a batch: what one poll brings, and more while its window is open."""
        size = self._trigger.batch_size
        messages = self._received(size, wait_seconds)
        ends = time.monotonic() + self._trigger.window_seconds
        while messages and len(messages) < size and (left := ends - time.monotonic()) > 0:
            messages += self._received(size - len(messages), int(left))
        return messages

    def _received(self, most: int, wait_seconds: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(most, LARGEST_RECEIVE),
            WaitTimeSeconds=wait_seconds,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _failed(self, messages: list[dict[str, Any]]) -> set[str]:
        everything = {each["MessageId"] for each in messages}
        event = {"Records": [self._record(each) for each in messages]}
        try:
            answer = self._function(event, LocalContext(self._trigger.function))
        except Exception:
            log.exception("%s raised, its batch returns", self._trigger.function)
            return everything
        return failures_in(answer, everything)

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {"stringValue": each.get("StringValue"), "dataType": each["DataType"]}
                for name, each in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }

    def _delete(self, messages: list[dict[str, Any]]) -> None:
        for start in range(0, len(messages), LARGEST_RECEIVE):
            entries = [
                {"Id": str(position), "ReceiptHandle": each["ReceiptHandle"]}
                for position, each in enumerate(messages[start : start + LARGEST_RECEIVE])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)


def failures_in(answer: object, everything: set[str]) -> set[str]:
    """Return the ids that a batch answer leaves in the queue, as AWS reads it.

    An answer of another shape, or one that names an unknown message, fails the whole batch.
    """
    if answer is None or answer == {}:
        return set()
    try:
        failed = {each["itemIdentifier"] for each in answer["batchItemFailures"] or []}  # type: ignore[index]
    except (KeyError, TypeError):
        return everything
    if not failed.issubset(everything):
        return everything
    return failed


def run_schedule(trigger: ScheduleTrigger, function: Function, stopping: threading.Event) -> None:
    """Call a function by the clock until told to stop."""
    while not stopping.wait(trigger.every_seconds):
        try:
            function(scheduled_event(trigger.function), LocalContext(trigger.function))
        except Exception:
            log.exception("%s raised", trigger.function)


def scheduled_event(function: str) -> dict[str, Any]:
    """Return the event that EventBridge sends on a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/{function}"],
        "detail": {},
    }


def start_threads(
    targets: list[Callable[[threading.Event], None]], stopping: threading.Event
) -> list[threading.Thread]:
    """Run each target in a thread of its own until the event is set."""
    threads = [threading.Thread(target=target, args=(stopping,)) for target in targets]
    for thread in threads:
        thread.start()
    return threads
