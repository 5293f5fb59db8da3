"""What the functions that no HTTP request calls do, between Lambda's event and the service.

All functions import this module with app.py, so that each imports what it alone needs on first use.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import CloudWatchEvent, SQSEvent
from msgspec.structs import asdict

from chalicelib.contracts.validation import MalformedMessage
from chalicelib.infrastructure import logs
from chalicelib.infrastructure.bootstrap import container

from .handlers import CurrentMediator, with_current_login

if TYPE_CHECKING:
    from chalicelib.infrastructure.cqrs.inbox import Inbox
    from chalicelib.infrastructure.cqrs.queued_commands import QueuedCommands, QueuedMessage
    from chalicelib.infrastructure.cqrs.relay import Relayed

log = logging.getLogger(__name__)

# Left for the answer when the work has stopped.
MARGIN_SECONDS = 1.0

BatchAnswer = dict[str, list[dict[str, str]]]


def relay_nudged(event: SQSEvent) -> BatchAnswer:
    """Relay the events of the nudged documents.

    Returns:
        The messages to be delivered again, as SQS's partial batch response; a malformed one
        is among them each time, until its queue's redrive policy sets it aside.
    """
    from chalicelib.infrastructure.cqrs.nudges import Nudge, read_nudge

    failed: list[str] = []
    nudged: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for record in event:
        message_id = record.to_dict()["messageId"]
        try:
            nudge: Nudge = read_nudge(record.body)
        except MalformedMessage:
            log.error("malformed nudge", extra={"message_id": message_id})  # noqa: TRY400 - expected, no body
            failed.append(message_id)
        else:
            nudged[nudge.collection][nudge.id].append(message_id)
    documents = {collection: list(messages) for collection, messages in nudged.items()}
    relayed = with_current_login(
        lambda: container().relay.relay(documents, _deadline(event.context))
    )
    for collection, identifier in relayed.unfinished:
        failed += nudged[collection][identifier]
    _report_relayed(relayed)
    return _batch_answer(failed)


def sweep_overdue(event: CloudWatchEvent) -> dict[str, int]:
    """Relay what no nudge brought, and report how long the oldest event has waited.

    Returns:
        How many events were relayed, and how many documents still have some.
    """
    age = with_current_login(lambda: container().relay.oldest_pending_seconds())  # noqa: PLW0108 - of the container of then
    grace = container().settings.sweep_grace_seconds
    relayed = with_current_login(lambda: container().relay.sweep(grace, _deadline(event.context)))
    _report_relayed(relayed, pending_age_seconds=age)
    return {"relayed": relayed.events, "unfinished": len(relayed.unfinished)}


def execute_queued(event: SQSEvent) -> BatchAnswer:
    """Execute commands from the queue.

    Returns:
        The messages to be delivered again, as SQS's partial batch response.
    """
    messages = [_queued_message(record.to_dict()) for record in event]
    failed = queued_commands().settle(messages, _deadline(event.context))
    _report("commands executed", executed=len(messages) - len(failed), held_back=len(failed))
    return _batch_answer(failed)


def consume_events(event: Mapping[str, Any], context: Any) -> dict[str, int]:  # noqa: ANN401 - Lambda's
    """Handle events of other services, from the inbox.

    Amazon MQ has no partial answers: when this raises, the whole batch is delivered again.

    Returns:
        What became of the messages.

    Raises:
        StoreUnavailable, BusUnavailable: nothing can be settled now.
    """
    from .amazon_mq import deliveries_of

    settled = inbox().settle(list(deliveries_of(event)), _deadline(context))
    counts = asdict(settled)
    _report("events consumed", **counts)
    return dict(counts)


def inbox() -> "Inbox":
    """Return the service's inbox."""
    from chalicelib.infrastructure.cqrs.inbox import Inbox

    service = container()
    return Inbox(service.settings.service_name, CurrentMediator().react, service.bus)


def queued_commands() -> "QueuedCommands":
    """Return what executes queued commands."""
    from chalicelib.infrastructure.cqrs.queued_commands import QueuedCommands, SqsCommandQueue

    return QueuedCommands(CurrentMediator(), SqsCommandQueue(container().sqs))


def _queued_message(record: Mapping[str, Any]) -> "QueuedMessage":
    from chalicelib.infrastructure.cqrs.queued_commands import FAILURES, QueuedMessage

    failures = record.get("messageAttributes", {}).get(FAILURES, {}).get("stringValue", "")
    return QueuedMessage(
        id=record["messageId"],
        receipt=record["receiptHandle"],
        queue=record["eventSourceARN"].rpartition(":")[2],
        body=record["body"],
        failures=int(failures) if failures.isdecimal() else 0,
    )


def _batch_answer(failed: list[str]) -> BatchAnswer:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _report_relayed(relayed: "Relayed", **more: float) -> None:
    _report(
        "events relayed",
        relayed=relayed.events,
        returned=relayed.returned,
        parked=relayed.parked,
        unfinished=len(relayed.unfinished),
        **more,
    )


def _report(message: str, **values: float) -> None:
    log.info(message, extra=logs.metrics(container().settings.service_name, **values))


def _deadline(context: Any) -> float:  # noqa: ANN401 - Lambda's, which has no type
    """Return when the work must end, on the clock of `time.monotonic`."""
    left: float = context.get_remaining_time_in_millis() / 1000
    return time.monotonic() + left - MARGIN_SECONDS
