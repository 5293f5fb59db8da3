"""The way of commands to the service itself: the SQS queue that triggers `execute`."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from carafe.infrastructure.aws.errors import AwsError
from carafe.infrastructure.event_bus.port import Message, Outcome

log = logging.getLogger(__name__)

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
MOST_IN_A_BATCH = 10
LARGEST_BATCH = 256 * 1024


class SqsBatchClient(Protocol):
    """The operation of SQS that is used."""

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Send up to ten messages, each of which may be refused."""


class OwnCommands:
    """Sends commands to the service's own queue.

    Args:
        client: answers within short time limits.
        queue_url: the queue that triggers `execute`.
    """

    def __init__(self, client: SqsBatchClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Send messages, and return the outcome of every one, by its id.

        One that SQS did not accept, or that was not sent by the deadline, is UNKNOWN.

        Args:
            messages: in any order.
            deadline: on the clock of `time.monotonic`.
        """
        outcomes = dict.fromkeys((each.id for each in messages), Outcome.UNKNOWN)
        for batch in _batches(messages):
            if time.monotonic() > deadline:
                break
            accepted = self._accepted(batch)
            if accepted is None:
                break  # the next ones would only wait as long
            outcomes |= dict.fromkeys(accepted, Outcome.CONFIRMED)
        return outcomes

    def _accepted(self, batch: Sequence[Message]) -> list[str] | None:
        """Send a batch; return the ids of what SQS has now, or None if it does not answer."""
        entries = [
            {"Id": str(number), "MessageBody": each.body.decode()}
            for number, each in enumerate(batch)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except Exception as error:  # noqa: BLE001 - whatever failed, the commands stay pending
            reason = error.code if isinstance(error, AwsError) else type(error).__name__
            log.error("commands wait, their queue cannot be reached: %s", reason)  # noqa: TRY400 - expected
            return None
        for each in answer.get("Failed") or ():
            log.error("command not accepted by its queue", extra={"reason": each.get("Code")})
        return [batch[int(each["Id"])].id for each in answer.get("Successful") or ()]


def _batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield messages in batches that SQS accepts."""
    batch: list[Message] = []
    size = 0
    for each in messages:
        if len(batch) == MOST_IN_A_BATCH or size + len(each.body) > LARGEST_BATCH:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += len(each.body)
    if batch:
        yield batch
