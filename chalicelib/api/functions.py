"""What the functions that no HTTP request calls do, between Lambda's event and the relay."""

import json
import logging
import time
from collections import defaultdict
from typing import Any

from chalice.app import CloudWatchEvent, SQSEvent

from chalicelib.contracts.validation import MalformedMessage
from chalicelib.infrastructure.bootstrap import container
from chalicelib.infrastructure.cqrs.nudges import Nudge, read_nudge

log = logging.getLogger(__name__)

# Left for the answer when the relay has stopped.
MARGIN_SECONDS = 1.0

BatchAnswer = dict[str, list[dict[str, str]]]


def relay_nudged(event: SQSEvent) -> BatchAnswer:
    """Relay the events of the nudged documents.

    Returns:
        The messages to be delivered again, as SQS's partial batch response; a malformed one
        is among them each time, until its queue's redrive policy sets it aside.
    """
    failed: list[str] = []
    nudged: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in event:
        message_id = record.to_dict()["messageId"]
        try:
            nudge: Nudge = read_nudge(record.body)
        except MalformedMessage:
            log.error("message %s is no nudge", message_id)  # noqa: TRY400 - expected, no body
            failed.append(message_id)
        else:
            nudged[nudge.collection][nudge.id].append(message_id)
    relayed = container().relay.relay(
        {collection: list(messages) for collection, messages in nudged.items()},
        _deadline(event.context),
    )
    for collection, identifier in relayed.unfinished:
        failed += nudged[collection][identifier]
    log.info("%s", json.dumps({"relayed": relayed.events, "unfinished": len(relayed.unfinished)}))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def sweep_overdue(event: CloudWatchEvent) -> dict[str, int]:
    """Relay what no nudge brought.

    Returns:
        How many events were relayed, and how many documents still have some.
    """
    service = container()
    relayed = service.relay.sweep(service.settings.sweep_grace_seconds, _deadline(event.context))
    summary = {"relayed": relayed.events, "unfinished": len(relayed.unfinished)}
    log.info("%s", json.dumps(summary))
    return summary


def _deadline(context: Any) -> float:  # noqa: ANN401 - Lambda's, which has no type
    """Return when the work must end, on the clock of `time.monotonic`."""
    left: float = context.get_remaining_time_in_millis() / 1000
    return time.monotonic() + left - MARGIN_SECONDS
