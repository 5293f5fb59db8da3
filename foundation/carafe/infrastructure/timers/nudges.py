"""Nudges: "these documents have timers that are due".

They travel through the queue of commands with SQS's delay, and make a timer call on the second.
None needs to arrive: the sweep finds every timer.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta, Struct

from carafe.contracts.validation import MalformedMessage, read_json
from carafe.infrastructure.aws.batches import MOST_IN_A_BATCH, SqsBatchClient, send_batch
from carafe.infrastructure.aws.errors import reason_of

from .grace import LONGEST_DELAY_SECONDS

log = logging.getLogger(__name__)

MOST_DOCUMENTS = 10
"""Documents that one nudge names: with ten nudges a batch, `execute` calls a hundred timers."""

_MARK = '"timers_of"'


class TimerNudge(Struct, frozen=True):
    """Documents that have timers that are due; what newer code may add is ignored.

    Attributes:
        timers_of: ids of the aggregates.
        collection: the aggregates' collection.
        due: when the last of these timers is due, as far as the sender knew; None if they are to
            be called now.
    """

    timers_of: list[str]
    collection: str
    due: Annotated[datetime, Meta(tz=True)] | None = None


class Delayed(Struct, frozen=True):
    """A nudge, and when it is to arrive.

    Attributes:
        collection: the documents' collection.
        ids: of the documents, at most ten.
        due: when the last of their timers is due.
        delay_seconds: whole, from 0 to 900.
    """

    collection: str
    ids: tuple[str, ...]
    due: datetime
    delay_seconds: int


class SqsClient(SqsBatchClient, Protocol):
    """The operations of SQS that are used."""

    def send_message(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        """Send one message."""


class TimerNudges:
    """Sends nudges of timers to the queue of commands.

    Args:
        client: answers within short time limits, since the caller waits for it.
        queue_url: the queue that triggers `execute`.
    """

    def __init__(self, client: SqsClient, queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def __call__(self, collection: str, identifier: str, due: datetime, delay_seconds: int) -> None:
        """Send a nudge for one document; a failure is only logged, since the timer is committed."""
        try:
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageBody=_body(collection, [identifier], due),
                DelaySeconds=delay_seconds,
            )
        except Exception as error:  # noqa: BLE001 - whatever failed, the timer is committed
            log.warning("timer not nudged, the sweep will: %s", reason_of(error))

    def send(self, nudges: Sequence[Delayed]) -> list[Delayed]:
        """Send nudges, and return those that were accepted."""
        accepted: list[Delayed] = []
        for start in range(0, len(nudges), MOST_IN_A_BATCH):
            batch = nudges[start : start + MOST_IN_A_BATCH]
            try:
                outcome = send_batch(self._client, self._queue_url, list(map(_message, batch)))
            except Exception as error:  # noqa: BLE001 - whatever failed, the next sweep will send them
                log.warning("timers not nudged, the next sweep will: %s", reason_of(error))
                break
            accepted += [batch[number] for number in sorted(outcome.accepted)]
        return accepted


def delay_until(due: datetime, at: datetime) -> int:
    """Return for how many seconds a nudge is delayed that is to arrive when a timer is due."""
    seconds = math.ceil((due - at).total_seconds())
    return min(max(seconds, 0), LONGEST_DELAY_SECONDS)


def timer_nudge_in(body: str) -> TimerNudge | None:
    """Return the nudge in a message's body; None if it is something else, such as a command."""
    if _MARK not in body:
        return None
    try:
        return read_json(TimerNudge, body)
    except MalformedMessage:
        return None  # the words may stand in a command


def _message(nudge: Delayed) -> dict[str, Any]:
    return {
        "MessageBody": _body(nudge.collection, nudge.ids, nudge.due),
        "DelaySeconds": nudge.delay_seconds,
    }


def _body(collection: str, ids: Sequence[str], due: datetime) -> str:
    nudge = TimerNudge(list(ids), collection, due)
    return msgspec.json.encode(nudge).decode()
