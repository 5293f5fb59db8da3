"""The operations that functions call, with AWS's own arguments and answers."""

from typing import Any

from .client import AwsClient


class Sqs:
    """SQS.

    Args:
        client: calls it.
    """

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def send_message(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Send one message; after an unclear failure a second time, as SQS itself may."""
        return self._client.call("SendMessage", arguments)

    def send_message_batch(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Send up to ten messages; the answer says which of them were accepted."""
        return self._client.call("SendMessageBatch", arguments)

    def change_message_visibility(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Decide when a message that was received can be received again."""
        return self._client.call("ChangeMessageVisibility", arguments)

    def get_queue_url(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Return the address of a queue."""
        return self._client.call("GetQueueUrl", arguments)

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()


class SecretsManager:
    """Secrets Manager.

    Args:
        client: calls it.
    """

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def get_secret_value(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Return the current version of a secret."""
        return self._client.call("GetSecretValue", arguments)
