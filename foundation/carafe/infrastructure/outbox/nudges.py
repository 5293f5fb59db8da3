"""Nudges: "this document has events".

They make the relay quick, never correct: the sweep finds what no nudge told.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from carafe.contracts.validation import read_json

log = logging.getLogger(__name__)


class Nudge(Struct, frozen=True, forbid_unknown_fields=True):
    """Which document has events.

    Attributes:
        collection: the aggregate's collection.
        id: the aggregate's id.
    """

    collection: str
    id: str


class SqsClient(Protocol):
    """What is used of boto3's SQS client."""

    def send_message(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - boto3's own
        """Send one message."""


class SqsNudges:
    """Sends nudges to SQS.

    Args:
        client: an SQS client with short timeouts: the caller's answer waits for it.
        queue_url: the queue that triggers the bridge.
    """

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def __call__(self, collection: str, identifier: str) -> None:
        """Send a nudge; a failure is noted and harmless, since the command has succeeded."""
        body = json.dumps({"collection": collection, "id": identifier})
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
        except Exception as error:  # noqa: BLE001 - whatever it was, the state is committed
            log.warning("nudge not sent, the sweep will relay: %s", type(error).__name__)


def read_nudge(body: str) -> Nudge:
    """Return the nudge in a message's body.

    Raises:
        MalformedMessage: it is none.
    """
    return read_json(Nudge, body)
