"""Turns the events that an aggregate recorded into the envelopes stored in its document."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import Published
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.errors import EventTooLarge, OutboxFull
from carafe.infrastructure.identifiers import new_id

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

    def envelopes(self, aggregate: AggregateRoot, context: CommandContext) -> list[Envelope]:
        """Return an envelope for each recorded event, in order.

        Raises:
            EventTooLarge: one exceeds 256 KiB as JSON.
            OutboxFull: there are more events than may be pending.
        """
        if len(aggregate.recorded) > MOST_PENDING:
            raise OutboxFull(f"One commit may publish at most {MOST_PENDING} events; record fewer.")
        return [
            self._envelope(event, aggregate, number, context)
            for number, event in enumerate(aggregate.recorded, start=aggregate.sequence + 1)
        ]

    def _envelope(
        self, event: DomainEvent, aggregate: AggregateRoot, number: int, context: CommandContext
    ) -> Envelope:
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
        size = len(_as_json(envelope))
        if size > LARGEST_EVENT:
            raise EventTooLarge(
                f"The event {contract.wire_type} has {size} bytes; the limit is {LARGEST_EVENT}."
            )
        return envelope


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
