"""SQS for tests."""

import json
from typing import Any

from carafe.development.event_sources import QueueTrigger
from carafe.development.queues import QueueClient, declare_queues


class Sqs:
    """The queues of the local SQS.

    Args:
        client: boto3's SQS client.
    """

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - boto3's client has no type
        self.client = client
        # Each test has two pairs of queues, which boto3 needs three times as long to make.
        self._quick_client = QueueClient(client.meta.endpoint_url)
        self._urls: dict[str, str] = {}

    def declare(self, trigger: QueueTrigger, visibility_seconds: int = 60) -> None:
        """Create a queue and its dead-letter queue."""
        self._urls |= declare_queues(self._quick_client, [trigger], visibility_seconds)

    def url(self, queue: str) -> str:
        """Return a queue's URL."""
        if queue not in self._urls:
            self._urls[queue] = self.client.get_queue_url(QueueName=queue)["QueueUrl"]
        return self._urls[queue]

    def send(self, queue: str, body: object) -> None:
        """Send a message; a body that is not a string is sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.client.send_message(QueueUrl=self.url(queue), MessageBody=text)

    def waiting(self, queue: str) -> list[Any]:
        """Receive up to ten messages now, and return their bodies."""
        answer = self.client.receive_message(
            QueueUrl=self.url(queue), MaxNumberOfMessages=10, WaitTimeSeconds=0
        )
        return [json.loads(each["Body"]) for each in answer.get("Messages", [])]

    def count(self, queue: str) -> int:
        """Return the number of messages in the queue, hidden and delayed ones included."""
        answer = self.client.get_queue_attributes(QueueUrl=self.url(queue), AttributeNames=["All"])
        names = ("Messages", "MessagesNotVisible", "MessagesDelayed")
        return sum(int(answer["Attributes"][f"ApproximateNumberOf{name}"]) for name in names)
