"""A message that was set aside, whatever queue it lies in."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from carafe.infrastructure.cqrs.inbox import DETAIL, PARKED_AT, REASON


@dataclass(frozen=True)
class ParkedMessage:
    """A message that was set aside.

    Attributes:
        id: of the event or command; empty if it cannot be read.
        type: wire type of the event, or wire name of the command.
        subject: what it is about; messages of one subject keep their order.
        sequence: its number in that order, if it has one.
        reason: code of the failure; empty where nobody noted one.
        detail: what a person should know.
        parked_at: when, RFC 3339.
        notes: headers, or message attributes.
        body: as it was sent.
        tag: the queue's name for it.
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
    """A queue of messages that were set aside."""

    name: str

    def messages(self, limit: int) -> list[ParkedMessage]:
        """Return the oldest messages; they stay where they are."""

    def redrive(self, message: ParkedMessage) -> None:
        """Send a message back to where it came from, then take it out of this queue.

        Raises:
            RedriveFailed: it was not accepted there; it stays here.
        """

    def discard(self, message: ParkedMessage) -> None:
        """Take a message out of this queue, for good."""


OpenQueue = Callable[[], AbstractContextManager[ParkedQueue]]


class RedriveFailed(Exception):
    """A message was not accepted where it should go."""


@dataclass(frozen=True)
class Filter:
    """Which messages are meant; what is None does not matter.

    Attributes:
        id: of the message, or the beginning of it.
        type: of the message.
        subject: of the message.
        reason: why it was set aside.
    """

    id: str | None = None
    type: str | None = None
    subject: str | None = None
    reason: str | None = None

    def chooses(self, message: ParkedMessage) -> bool:
        """Tell whether a message is meant."""
        exact = all(
            wanted is None or wanted == found
            for wanted, found in (
                (self.type, message.type),
                (self.subject, message.subject),
                (self.reason, message.reason),
            )
        )
        return exact and (self.id is None or message.id.startswith(self.id))


def described(body: bytes, notes: dict[str, Any], tag: object) -> ParkedMessage:
    """Return what can be said about a message, however broken it is."""
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
    """Return messages with those of each subject in the order of their sequences.

    A subject's messages take the places that they have, so that the others keep theirs.
    """
    ordered = list(messages)
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, message in enumerate(ordered):
        if message.subject and message.sequence is not None:
            source = _text(_values(message.body).get("source"))
            places[source, message.subject].append(place)
    for taken in places.values():
        for place, message in zip(taken, _sorted(ordered, taken), strict=True):
            ordered[place] = message
    return ordered


def _sorted(messages: Sequence[ParkedMessage], places: Sequence[int]) -> list[ParkedMessage]:
    return sorted((messages[place] for place in places), key=lambda each: each.sequence or 0)


def _values(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _text(value: object) -> str:
    return "" if value is None else str(value)
