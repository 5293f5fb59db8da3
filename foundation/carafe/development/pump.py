"""Feeds queues and schedules to the functions, as AWS's event source mappings do.

One invocation gets one batch. The messages that the function names in `batchItemFailures` stay in
the queue, and so does the whole batch if the function raises or its answer is invalid: they become
visible again when their visibility timeout ends, and go to the dead-letter queue after too many
deliveries. All others are deleted.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from carafe.infrastructure.aws.errors import AwsError

from .event_sources import Function, QueueTrigger, ScheduleTrigger
from .lambda_context import LambdaContext
from .lambda_events import queue_event, schedule_event
from .queues import arn_of

log = logging.getLogger(__name__)

LARGEST_RECEIVE = 10  # SQS's own limit for one call
POLL_SECONDS = 2
PAUSE_AFTER_FAILURE_SECONDS = 1.0

# In AWS, messages gather while the calls for a batch travel. Here these take no time, and batches
# under load would hold one or two messages, while each costs two requests whatever its size.
ROUND_TRIP_SECONDS = 0.02


class QueuePump:
    """Feeds one queue to one function.

    Args:
        sqs: boto3's SQS client, or a `QueueClient`, which costs less.
        queue_url: the queue.
        trigger: the size and window of its batches.
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
        """Feed the function until `stopping` is set; the current batch is finished.

        Failures of a `QueueClient` are waited for, those of boto3 raised.
        """
        while not stopping.is_set():
            try:
                if self.step() < self._trigger.batch_size:
                    stopping.wait(ROUND_TRIP_SECONDS)
            except AwsError as error:
                log.warning("queue %s: %s", self._trigger.queue, type(error).__name__)
                stopping.wait(PAUSE_AFTER_FAILURE_SECONDS)

    def step(self, wait_seconds: int = POLL_SECONDS) -> int:
        """Feed one batch, and return the number of its messages."""
        messages = self._next_batch(wait_seconds)
        if messages:
            failed_ids = self._failed_ids(messages)
            self._delete([each for each in messages if each["MessageId"] not in failed_ids])
        return len(messages)

    def _next_batch(self, wait_seconds: int) -> list[dict[str, Any]]:
        """Return the messages of one poll, and of more polls while the batch's window is open."""
        size = self._trigger.batch_size
        messages = self._receive(size, wait_seconds)
        deadline = time.monotonic() + self._trigger.window_seconds
        while messages and len(messages) < size and (rest := deadline - time.monotonic()) > 0:
            messages += self._receive(size - len(messages), int(rest))
        return messages

    def _receive(self, limit: int, wait_seconds: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=min(limit, LARGEST_RECEIVE),
            WaitTimeSeconds=wait_seconds,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _failed_ids(self, messages: list[dict[str, Any]]) -> set[str]:
        """Call the function, and return the ids of the messages that it did not settle."""
        ids = {each["MessageId"] for each in messages}
        event = queue_event(self._arn, messages)
        try:
            answer = self._function(event, LambdaContext(self._trigger.function))
        except Exception:
            log.exception("%s raised, its batch returns", self._trigger.function)
            return ids
        return failures_in(answer, ids)

    def _delete(self, messages: list[dict[str, Any]]) -> None:
        for start in range(0, len(messages), LARGEST_RECEIVE):
            entries = [
                {"Id": str(position), "ReceiptHandle": each["ReceiptHandle"]}
                for position, each in enumerate(messages[start : start + LARGEST_RECEIVE])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._queue_url, Entries=entries)


def failures_in(answer: object, ids: set[str]) -> set[str]:
    """Return the message ids that a batch response leaves in the queue, as AWS reads it.

    A response of another shape, or one that names an unknown message, fails the whole batch.
    """
    if answer is None or answer == {}:
        return set()
    try:
        failed_ids = {each["itemIdentifier"] for each in answer["batchItemFailures"] or []}  # type: ignore[index]
    except (KeyError, TypeError):
        return ids
    return failed_ids if failed_ids.issubset(ids) else ids


def run_schedule(
    trigger: ScheduleTrigger, function: Function, grace_seconds: float, stopping: threading.Event
) -> None:
    """Call a function on its schedule until `stopping` is set; its first calls come earlier.

    In AWS, a schedule goes on while functions are replaced. Here it begins anew with each start:
    events that a kill left pending would wait for the whole period.

    Args:
        trigger: the schedule.
        function: called at the start as well, and again when the events pending then are overdue.
        grace_seconds: for which a sweep leaves events to the nudges.
        stopping: ends the schedule when it is set.
    """
    pauses = itertools.chain((0, grace_seconds), itertools.repeat(trigger.every_seconds))
    for pause in pauses:
        if stopping.wait(pause):
            return
        try:
            function(schedule_event(trigger.function), LambdaContext(trigger.function))
        except Exception:
            log.exception("%s raised", trigger.function)


def start_threads(
    targets: list[Callable[[threading.Event], None]], stopping: threading.Event
) -> list[threading.Thread]:
    """Run each target in a thread of its own until `stopping` is set."""
    threads = [threading.Thread(target=target, args=(stopping,)) for target in targets]
    for thread in threads:
        thread.start()
    return threads
