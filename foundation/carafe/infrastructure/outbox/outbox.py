"""Turns the events that an aggregate recorded into the pending entries of its document."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import Published
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.errors import EventTooLarge, OutboxFull
from carafe.infrastructure.identifiers import new_id

PendingEntry = dict[str, Any]
"""An event that waits for the bus, as its document keeps it: `id`, `type` and `sequence` of the
event, and as `body` the text that is published, a `CloudEvent` in JSON.

The relay neither builds nor reads what is in the text (decision 0027). Entries of versions before
0.2 are the CloudEvent itself, as a document.
"""

Envelope = dict[str, Any]
"""A `CloudEvent` as JSON values; built without the class, which would only be converted back."""

_as_json = msgspec.json.Encoder().encode

# Amazon MQ passes at most 6 MB to a Lambda function, base64 adds a third, and a batch holds up to
# 100 messages: small events allow full batches.
LARGEST_EVENT = 256 * 1024

# Pending events of one aggregate. At the usual 1 kB each they stay far below the 16 MB limit of a
# document, and the relay's update always has room (F10).
MOST_PENDING = 1_000


class Outbox:
    """Turns recorded domain events into envelopes.

    Args:
        service: name of the service; the envelopes' `source` is `/<service>`.
        published: the contract of each event.
        make_id: returns a new event id.
    """

    def __init__(
        self, service: str, published: Published, make_id: Callable[[], str] = new_id
    ) -> None:
        self._source = f"/{service}"
        self._published = published
        self._make_id = make_id

    def entries(self, aggregate: AggregateRoot, context: CommandContext) -> list[PendingEntry]:
        """Return a pending entry for each recorded event, in order.

        Raises:
            EventTooLarge: one exceeds 256 KiB as JSON.
            OutboxFull: there are more events than may be pending.
        """
        if len(aggregate.recorded) > MOST_PENDING:
            raise OutboxFull(f"One commit may publish at most {MOST_PENDING} events; record fewer.")
        return [
            self._entry(event, aggregate, number, context)
            for number, event in enumerate(aggregate.recorded, start=aggregate.sequence + 1)
        ]

    def _entry(
        self, event: DomainEvent, aggregate: AggregateRoot, number: int, context: CommandContext
    ) -> PendingEntry:
        contract = self._published[type(event)]
        envelope: Envelope = {
            "specversion": "1.0",
            "id": self._make_id(),
            "source": self._source,
            "type": contract.wire_type,
            "subject": aggregate.id,
            "time": _rfc3339(event.occurred_at),
            "datacontenttype": "application/json",
            "sequence": number,
            "correlationid": context.correlation_id,
            "causationid": context.causation_id or context.command_id,
            "data": contract.data_of(event),
        }
        if context.traceparent is not None:
            envelope["traceparent"] = context.traceparent
        body = _as_json(envelope)
        if len(body) > LARGEST_EVENT:
            raise EventTooLarge(
                f"The event {contract.wire_type} has {len(body)} bytes; "
                f"the limit is {LARGEST_EVENT}."
            )
        return {
            "id": envelope["id"],
            "type": contract.wire_type,
            "sequence": number,
            "body": body.decode(),
        }


def body_of(entry: PendingEntry) -> bytes:
    """Return what is published of a pending entry.

    Raises:
        KeyError, TypeError, ValueError: the entry is damaged.
    """
    if "specversion" in entry:  # written before 0.2
        return _as_json(entry)
    return str.encode(entry["body"])


def envelope_of(entry: PendingEntry) -> Envelope:
    """Return the CloudEvent of a pending entry, as JSON values."""
    envelope: Envelope = msgspec.json.decode(body_of(entry))
    return envelope


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
