"""A client of SQS that only notes what would be sent."""

from collections.abc import Mapping
from typing import Any


class RecordedSqs:
    """Notes what would be sent to SQS."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def get_queue_url(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as boto3 has it
        """Return a URL with the queue's name."""
        return {"QueueUrl": arguments["QueueName"]}

    def send_message(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the same
        """Note a message."""
        url = arguments.pop("QueueUrl")
        kind = "dead letter" if url.endswith("-dead") else "message"
        self.sent.append({"kind": kind, **arguments})
        return {}

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the same
        """Note a batch."""
        for entry in arguments["Entries"]:
            self.sent.append({"kind": "message", **{k: v for k, v in entry.items() if k != "Id"}})
        return {"Successful": [{"Id": each["Id"]} for each in arguments["Entries"]]}

    def close(self) -> None:
        """There is no connection."""
