"""Commands that were set aside, in the dead-letter queue on SQS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from carafe.infrastructure.cqrs.queued_commands import dead_letters

from .message import ParkedMessage, RedriveFailed, described

_LARGEST_RECEIVE = 10  # SQS's own limit for one call

# So long the messages are hidden from others while a person looks; it is ended when that is done.
_HIDDEN_SECONDS = 300


class SqsParked:
    """Fills the port `ParkedQueue`.

    Args:
        sqs: boto3's SQS client.
        queue: the one that the commands came from.
    """

    def __init__(self, sqs: Any, queue: str) -> None:  # noqa: ANN401 - boto3's client has no type
        self.name = dead_letters(queue)
        self._sqs = sqs
        self._url = sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        self._source = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self._hidden: dict[str, None] = {}

    def messages(self, limit: int) -> list[ParkedMessage]:
        """Return some messages, as `ParkedQueue.messages`; SQS promises no order."""
        found: list[ParkedMessage] = []
        while len(found) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(_LARGEST_RECEIVE, limit - len(found)),
                VisibilityTimeout=_HIDDEN_SECONDS,
                MessageAttributeNames=["All"],
            )
            received = answer.get("Messages", [])
            if not received:
                break
            found += [self._described(each) for each in received]
        return found

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back, as `ParkedQueue.redrive`."""
        try:
            self._sqs.send_message(QueueUrl=self._source, MessageBody=message.body.decode())
        except (BotoCoreError, ClientError) as error:
            raise RedriveFailed(type(error).__name__) from error
        self.discard(message)

    def discard(self, message: ParkedMessage) -> None:
        """Take a message out, as `ParkedQueue.discard`."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.tag)
        del self._hidden[message.tag]

    def show_again(self) -> None:
        """Let others see what was not taken out."""
        for receipt in self._hidden:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
            )

    def _described(self, message: dict[str, Any]) -> ParkedMessage:
        receipt: str = message["ReceiptHandle"]
        self._hidden[receipt] = None
        notes = {
            name: value.get("StringValue", "")
            for name, value in message.get("MessageAttributes", {}).items()
        }
        return described(message["Body"].encode(), notes, receipt)


@contextmanager
def parked_commands(sqs: Any, queue: str) -> Iterator[SqsParked]:  # noqa: ANN401 - boto3's
    """Open the queue of commands that could not be executed."""
    opened = SqsParked(sqs, queue)
    try:
        yield opened
    finally:
        opened.show_again()
