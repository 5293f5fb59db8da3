"""Nudges: "this document has pending events".

They make the relay fast; correctness does not depend on them, since the sweep finds all events.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from carafe.contracts.validation import read_json
from carafe.infrastructure.aws.errors import reason_of

log = logging.getLogger(__name__)


class Nudge(Struct, frozen=True):
    """A document that has pending events; what newer code may add is ignored.

    Attributes:
        collection: the aggregate's collection.
        id: the aggregate's id.
    """

    collection: str
    id: str


class SqsClient(Protocol):
    """The operation of SQS that is used."""

    def send_message(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Send one message."""


class SqsNudges:
    """Sends nudges to SQS.

    Args:
        client: answers within short time limits, since the caller waits for it.
        queue_url: the queue that triggers the bridge.
    """

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def __call__(self, collection: str, identifier: str) -> None:
        """Send a nudge; a failure is only logged, since the command has succeeded."""
        body = json.dumps({"collection": collection, "id": identifier})
        try:
            self._client.send_message(QueueUrl=self._queue_url, MessageBody=body)
        except Exception as error:  # noqa: BLE001 - whatever failed, the state is committed
            log.warning("nudge not sent, the sweep will relay: %s", reason_of(error))


def read_nudge(body: str) -> Nudge:
    """Return the nudge in a message's body.

    Raises:
        MalformedMessage: it is not a nudge.
    """
    return read_json(Nudge, body)
