"""Parked commands, in the dead-letter queue on SQS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .message import ParkedMessage, RedriveFailed, describe

_LARGEST_RECEIVE = 10  # SQS's own limit for one call

# Without a wait, SQS asks only some of its servers, and may say that there is nothing while others
# have messages (Developer Guide, "Short and long polling").
_WAIT_SECONDS = 1

# Messages are hidden from others while a person works on them; `release` ends that.
_HIDDEN_SECONDS = 300


class SqsParked:
    """Implements `ParkedQueue`.

    Args:
        sqs: boto3's SQS client.
        queue: the queue from which the commands came.
    """

    def __init__(self, sqs: Any, queue: str) -> None:  # noqa: ANN401 - boto3's client has no type
        self.name = dead_letters(queue)
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        self._source = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._hidden: dict[str, None] = {}

    def messages(self, limit: int) -> list[ParkedMessage]:
        """Return messages in any order, as `ParkedQueue.messages`: SQS guarantees none."""
        messages: list[ParkedMessage] = []
        while len(messages) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(_LARGEST_RECEIVE, limit - len(messages)),
                WaitTimeSeconds=_WAIT_SECONDS,
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageAttributeNames=["All"],
            )
            received = answer.get("Messages", [])
            if not received:
                break
            messages += [self._describe(each) for each in received]
        return messages

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back, as `ParkedQueue.redrive`."""
        from carafe.development.sdk_errors import SDK_ERRORS  # noqa: PLC0415 - loads the SDK

        try:
            self._sqs.send_message(QueueUrl=self._source, MessageBody=message.body.decode())
        except SDK_ERRORS as error:
            raise RedriveFailed(type(error).__name__) from error
        self.discard(message)

    def discard(self, message: ParkedMessage) -> None:
        """Remove a message, as `ParkedQueue.discard`."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.tag)
        del self._hidden[message.tag]

    def release(self) -> None:
        """Make the messages that were not removed visible again."""
        for receipt in self._hidden:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
            )

    def _describe(self, message: dict[str, Any]) -> ParkedMessage:
        receipt: str = message["ReceiptHandle"]
        self._hidden[receipt] = None
        notes = {
            name: value.get("StringValue", "")
            for name, value in message.get("MessageAttributes", {}).items()
        }
        return describe(message["Body"].encode(), notes, receipt)


@contextmanager
def parked_commands(sqs: Any, queue: str) -> Iterator[SqsParked]:  # noqa: ANN401 - boto3's
    """Open the queue of commands that could not be executed."""
    source = SqsParked(sqs, queue)
    try:
        yield source
    finally:
        source.release()
