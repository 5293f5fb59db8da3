"""Messages to a queue of SQS, up to ten with one request.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

MOST_IN_A_BATCH = 10


class SqsBatchClient(Protocol):
    """The operation of SQS that is used."""

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Send up to ten messages, each of which may be refused."""


class BatchOutcome(Struct, frozen=True):
    """What became of the messages of a batch.

    Attributes:
        accepted: positions of those that SQS has now.
        refusals: AWS's code for each of the others.
    """

    accepted: list[int]
    refusals: list[str | None]


def send_batch(
    client: SqsBatchClient, queue_url: str, messages: Sequence[Mapping[str, Any]]
) -> BatchOutcome:
    """Send a batch.

    Args:
        client: sends it, or raises.
        queue_url: to which queue.
        messages: up to ten, with SQS's own arguments for each but `Id`.
    """
    entries = [{"Id": str(number), **each} for number, each in enumerate(messages)]
    answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
    return BatchOutcome(
        [int(each["Id"]) for each in answer.get("Successful") or ()],
        [each.get("Code") for each in answer.get("Failed") or ()],
    )
