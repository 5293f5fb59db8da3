"""The queue of commands in SQS."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carafe.infrastructure.aws.errors import AwsRefusal
from carafe.infrastructure.identifiers import now

from .failures import sendable
from .queued_commands import FAILURES, QueuedMessage

if TYPE_CHECKING:
    from carafe.infrastructure.aws.services import Sqs

LARGEST_MESSAGES = (256 * 1024, 1024 * 1024)
"""Bytes, of body and attributes together: SQS's limit until August 2025, and the later one."""

_TEXT = "String"


class SqsCommandQueue:
    """Fills the port `CommandQueue`; what is parked goes to the dead-letter queue.

    Args:
        client: calls SQS.
    """

    def __init__(self, client: "Sqs") -> None:
        self._client = client
        self._urls: dict[str, str] = {}

    def postpone(self, message: QueuedMessage, seconds: int) -> None:
        """Let a message come again so much later, as it is."""
        self._client.change_message_visibility(
            QueueUrl=self._url(message.queue),
            ReceiptHandle=message.receipt,
            VisibilityTimeout=seconds,
        )

    def hold_back(self, message: QueuedMessage, seconds: int) -> None:
        """Send a message again, so much later, with one more failure.

        SQS counts deliveries, also those that were no attempt: a copy carries the count. If there
        is no room for it, SQS refuses the copy, and parks the message after its own count.
        """
        self._client.send_message(
            QueueUrl=self._url(message.queue),
            MessageBody=message.body,
            DelaySeconds=seconds,
            MessageAttributes={
                FAILURES: {"DataType": "Number", "StringValue": str(message.failures + 1)}
            },
        )

    def park(self, message: QueuedMessage, reason: str, detail: str) -> None:
        """Put a message into the dead-letter queue, with its reason."""
        notes = {
            "reason": reason,
            "parked_at": now().isoformat(timespec="milliseconds"),
            "detail": detail,
        }
        url = self._url(dead_letters(message.queue))
        attributes = _attributes(message.body, notes)
        try:
            self._client.send_message(
                QueueUrl=url, MessageBody=message.body, MessageAttributes=attributes
            )
        except AwsRefusal:
            if not attributes:
                raise
            # Without a reason it is still found; unsent, it would come again.
            self._client.send_message(QueueUrl=url, MessageBody=message.body)

    def _url(self, queue: str) -> str:
        if queue not in self._urls:
            self._urls[queue] = self._client.get_queue_url(QueueName=queue)["QueueUrl"]
        return self._urls[queue]


def _attributes(body: str, notes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return notes as message attributes, the last ones shortened or left out if need be."""
    size = len(body.encode())
    room = min((each for each in LARGEST_MESSAGES if each >= size), default=size) - size
    attributes = {}
    for name, text in notes.items():
        room -= len(name) + len(_TEXT)
        value = sendable(text).encode()[: max(room, 0)].decode(errors="ignore")
        if value:
            room -= len(value.encode())
            attributes[name] = {"DataType": _TEXT, "StringValue": value}
    return attributes


def dead_letters(queue: str) -> str:
    """Return the name of a queue's dead-letter queue."""
    return f"{queue}-dead"
