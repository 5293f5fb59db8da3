"""A parked message, whatever queue it is in."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from carafe.infrastructure.cqrs.inbox import DETAIL, PARKED_AT, REASON


@dataclass(frozen=True)
class ParkedMessage:
    """A message that was set aside.

    Attributes:
        id: the id of the event or command; empty if it cannot be read.
        type: the event's wire type, or the command's wire name.
        subject: its subject; messages of one subject keep their order.
        sequence: its number in that order, if it has one.
        reason: the code of the failure; empty if none was recorded.
        detail: an explanation for a person.
        parked_at: the time, RFC 3339.
        notes: its headers, or message attributes.
        body: as it was sent.
        tag: the queue's handle for it.
    """

    id: str
    type: str
    subject: str
    sequence: int | None
    reason: str
    detail: str
    parked_at: str
    notes: dict[str, Any]
    body: bytes
    tag: Any


class ParkedQueue(Protocol):
    """A queue of parked messages."""

    name: str

    def messages(self, limit: int) -> list[ParkedMessage]:
        """Return the oldest messages; they stay in the queue."""

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back to where it came from, then remove it from this queue.

        Raises:
            RedriveFailed: it was not accepted there, and stays here.
        """

    def discard(self, message: ParkedMessage) -> None:
        """Remove a message from this queue for good."""


class RedriveFailed(Exception):
    """A message was not accepted at its destination."""


@dataclass(frozen=True)
class Filter:
    """A condition on messages; attributes that are None match all of them.

    Attributes:
        id: the message's id, or the beginning of it.
        type: the message's type.
        subject: the message's subject.
        reason: the reason for which it was parked.
    """

    id: str | None = None
    type: str | None = None
    subject: str | None = None
    reason: str | None = None

    def matches(self, message: ParkedMessage) -> bool:
        """Return whether a message meets the condition."""
        is_equal = all(
            expected is None or expected == actual
            for expected, actual in (
                (self.type, message.type),
                (self.subject, message.subject),
                (self.reason, message.reason),
            )
        )
        return is_equal and (self.id is None or message.id.startswith(self.id))


def describe(body: bytes, notes: dict[str, Any], tag: object) -> ParkedMessage:
    """Return a message with all that can be read of it, even if it is malformed."""
    values = _values(body)
    sequence = values.get("sequence")
    return ParkedMessage(
        id=_text(values.get("id")),
        type=_text(values.get("type") or values.get("command")),
        subject=_text(values.get("subject")),
        sequence=sequence if type(sequence) is int else None,
        reason=_text(notes.get(REASON) or notes.get("reason")),
        detail=_text(notes.get(DETAIL) or notes.get("detail")),
        parked_at=_text(notes.get(PARKED_AT) or notes.get("parked_at")),
        notes=notes,
        body=body,
        tag=tag,
    )


def in_order(messages: Iterable[ParkedMessage]) -> list[ParkedMessage]:
    """Return messages with those of each subject in the order of their sequence numbers.

    The messages of a subject are sorted among their positions, so that the others keep theirs.
    """
    ordered = list(messages)
    positions_by_subject: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, message in enumerate(ordered):
        if message.subject and message.sequence is not None:
            source = _text(_values(message.body).get("source"))
            positions_by_subject[source, message.subject].append(position)
    for positions in positions_by_subject.values():
        for position, message in zip(positions, _sorted(ordered, positions), strict=True):
            ordered[position] = message
    return ordered


def _sorted(messages: Sequence[ParkedMessage], positions: Sequence[int]) -> list[ParkedMessage]:
    return sorted((messages[each] for each in positions), key=lambda each: each.sequence or 0)


def printable(text: str, allowed: str = "") -> str:
    """Return a text with escapes for the characters that a terminal would act on or cannot show."""
    return "".join(
        each if each.isprintable() or each in allowed else ascii(each)[1:-1] for each in text
    )


def _values(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _text(value: object) -> str:
    """Return a foreign value as text; arrays and objects stand for no name at all."""
    return printable(str(value)) if isinstance(value, str | int | float) else ""
