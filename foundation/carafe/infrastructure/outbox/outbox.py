"""Turns what an aggregate recorded into the pending entries of its document."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from carafe.contracts.base import Command
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import Published
from carafe.contracts.outgoing_commands import OutgoingCommand, Sent, sent_data
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, Identified
from carafe.infrastructure.errors import EventTooLarge, OutboxFull
from carafe.infrastructure.identifiers import new_id, now

from .cloud_events import event_attributes

PendingEntry = dict[str, Any]
"""An event or a command that waits to be sent, as its document keeps it: its `id` and `type`, the
`sequence` of an event, where a command goes as `to`, and as `body` the text that is sent.

A command whose id was given may be sent again while it still waits. Its entry has an id of its own,
by which it is removed, and the command's as `message_id`.

The relay neither builds nor reads what is in the text (decision 0027). Entries of versions before
1.0 are the CloudEvent itself, as a document.
"""

Envelope = dict[str, Any]
"""A `CloudEvent` as JSON values; built without the class, which would only be converted back."""

EVENTS = "events"
TO_OTHERS = "commands"
TO_ITSELF = "queue"
"""Where entries go: events and commands to the exchanges of that name, or to the own queue."""

_as_json = msgspec.json.Encoder().encode

# Amazon MQ passes at most 6 MB to a Lambda function, base64 adds a third, and a batch holds up to
# 100 messages: small events allow full batches.
LARGEST_EVENT = 256 * 1024

# SQS counts attributes too, and the one that counts failures must fit.
LARGEST_QUEUED = LARGEST_EVENT - 64

# Pending entries of one aggregate. At the usual 1 kB each they stay far below the 16 MB limit of a
# document, and the relay's update always has room (F10).
MOST_PENDING = 1_000


class Outbox:
    """Turns recorded events and commands into envelopes.

    Args:
        service: name of the service; the envelopes' `source` is `/<service>`.
        published: the contract of each event.
        make_id: returns a new id of an event or a command.
        sent: the contract of each command.
        clock: tells when a command is sent; an event knows when it happened.
    """

    def __init__(
        self,
        service: str,
        published: Published,
        make_id: Callable[[], str] = new_id,
        *,
        sent: Sent | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._source = f"/{service}"
        self._published = published
        self._make_id = make_id
        self._sent: Sent = sent or {}
        self._clock = clock

    def entries(self, aggregate: AggregateRoot, context: CommandContext) -> list[PendingEntry]:
        """Return a pending entry for everything that was recorded, in order.

        Raises:
            EventTooLarge: one exceeds 256 KiB as JSON.
            OutboxFull: there is more than may be pending.
        """
        if len(aggregate.recorded) > MOST_PENDING:
            raise OutboxFull(f"One commit may publish at most {MOST_PENDING} events; record fewer.")
        entries, sequence = [], aggregate.sequence
        for each in aggregate.recorded:
            if isinstance(each, DomainEvent):
                sequence += 1
                entries.append(self._event_entry(each, aggregate.id, sequence, context))
            else:
                entries.append(self._command_entry(each, aggregate.id, context))
        return entries

    def _event_entry(
        self, event: DomainEvent, subject: str, sequence: int, context: CommandContext
    ) -> PendingEntry:
        contract, event_id = self._published[type(event)], self._make_id()
        name, data = contract.wire_type, contract.data_of(event)
        envelope = self._envelope(event_id, name, subject, event.occurred_at, data, context)
        envelope["sequence"] = sequence
        body = _bounded(_as_json(envelope), f"event {name}", LARGEST_EVENT)
        return {"id": event_id, "type": name, "sequence": sequence, "body": body}

    def _command_entry(
        self, sent: DomainCommand | Identified, subject: str, context: CommandContext
    ) -> PendingEntry:
        entry: PendingEntry = {"id": self._make_id()}
        if isinstance(sent, Identified):
            entry["message_id"] = sent.id
        else:
            sent = Identified(entry["id"], sent)
        contract = self._sent[type(sent.command)]
        data = sent_data(contract, sent.command)
        if issubclass(contract, OutgoingCommand):
            name, destination, limit = contract.wire_type, TO_OTHERS, LARGEST_EVENT
            at = self._clock()
            body = _as_json(self._envelope(sent.id, name, subject, at, data, context))
        else:
            name, destination, limit = contract.wire_name, TO_ITSELF, LARGEST_QUEUED
            body = _accepted_by_sqs(_as_json(self._queued(sent.id, contract, data, context)))
        text = _bounded(body, f"command {name}", limit)
        return {**entry, "type": name, "to": destination, "body": text}

    def _envelope(  # noqa: PLR0913, PLR0917 - what is told of an event or a command
        self,
        identifier: str,
        wire_type: str,
        subject: str,
        time: datetime,
        data: Mapping[str, Any],
        context: CommandContext,
    ) -> Envelope:
        envelope: Envelope = {
            **event_attributes(identifier, self._source, wire_type, subject, time),
            "correlationid": context.correlation_id,
            "causationid": context.causation_id or context.command_id,
            "data": data,
        }
        if context.traceparent is not None:
            envelope["traceparent"] = context.traceparent
        return envelope

    def _queued(
        self,
        identifier: str,
        contract: type[Command],
        data: Mapping[str, Any],
        context: CommandContext,
    ) -> Envelope:
        queued: Envelope = {
            "id": identifier,
            "command": contract.wire_name,
            "subject": self._source,
            "scopes": [contract.scope],
            "data": data,
            "correlation_id": context.correlation_id,
        }
        if context.traceparent is not None:
            queued["traceparent"] = context.traceparent
        return queued


def event_count(entries: Sequence[PendingEntry]) -> int:
    """Return how many entries are events, which an aggregate's `sequence` counts."""
    return sum("sequence" in each for each in entries)


def message_id_of(entry: PendingEntry) -> str:
    """Return the id of the message that is sent of an entry: its own, unless one was given."""
    own_id: str = entry["id"]
    message_id: str = entry.get("message_id", own_id)
    return message_id


def destination_of(entry: PendingEntry) -> str:
    """Return where an entry goes: `events`, `commands`, `queue`, or what newer code knows."""
    destination: str = entry["to"] if "to" in entry else EVENTS  # noqa: SIM401 - it may be damaged
    return destination


def body_of(entry: PendingEntry) -> bytes:
    """Return what is sent of a pending entry.

    Raises:
        KeyError, TypeError, ValueError: the entry is damaged.
    """
    if "specversion" in entry:  # written before 1.0
        return _as_json(entry)
    return str.encode(entry["body"])


def envelope_of(entry: PendingEntry) -> Envelope:
    """Return the CloudEvent of a pending entry, or the `QueuedCommand`, as JSON values."""
    envelope: Envelope = msgspec.json.decode(body_of(entry))
    return envelope


def _bounded(body: bytes, name: str, limit: int) -> str:
    """Return a body as text.

    Raises:
        EventTooLarge: it has more bytes than the limit.
    """
    if len(body) > limit:
        raise EventTooLarge(f"The {name} has {len(body)} bytes; the limit is {limit}.")
    return body.decode()


def _accepted_by_sqs(body: bytes) -> bytes:
    """Return JSON with escapes for U+FFFE and U+FFFF, which SQS does not accept."""
    return body.replace(b"\xef\xbf\xbe", rb"\ufffe").replace(b"\xef\xbf\xbf", rb"\uffff")
