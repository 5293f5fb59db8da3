"""The way of commands to the service itself: the SQS queue that triggers `execute`."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence

from carafe.infrastructure.aws.batches import MOST_IN_A_BATCH, SqsBatchClient, send_batch
from carafe.infrastructure.aws.errors import reason_of
from carafe.infrastructure.event_bus.port import Message, Outcome

log = logging.getLogger(__name__)

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
LARGEST_BATCH = 256 * 1024


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
        messages = [{"MessageBody": each.body.decode()} for each in batch]
        try:
            outcome = send_batch(self._client, self._queue_url, messages)
        except Exception as error:  # noqa: BLE001 - whatever failed, the commands stay pending
            reason = reason_of(error)
            log.error("commands wait, their queue cannot be reached: %s", reason)  # noqa: TRY400 - expected
            return None
        for code in outcome.refusals:
            log.error("command not accepted by its queue", extra={"reason": code})
        return [batch[number].id for number in outcome.accepted]


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
