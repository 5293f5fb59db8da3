"""Ids, digests and the clock, for code outside the domain."""

import functools
import hashlib
import os
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import NODEFAULT, Struct

from carafe.domain.timers import Occurrence

_COMMANDS = UUID("6f0c6f5e-53c4-4c5c-9b0a-0f5b5a3e7c11")
_EVENTS = UUID("b1d3ae52-93c1-4d0e-8f43-2a6f0c7d9e58")
_TIMERS = UUID("5d0a6b5e-7d0c-4f0e-9a51-3c6e2f4b8d17")


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562): ordered by time, so indexes grow at their end."""
    milliseconds = f"{time.time_ns() // 1_000_000:012x}"
    random = os.urandom(10).hex()
    variant = "89ab"[int(random[3], 16) & 3]
    return (
        f"{milliseconds[:8]}-{milliseconds[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"
    )


def command_id(subject: str, key: str) -> str:
    """Return the command id for a caller's idempotency key; callers cannot collide."""
    return str(uuid5(_COMMANDS, _unambiguous(subject, key)))


def event_command_id(source: str, event_id: str) -> str:
    """Return the command id for handling another service's event.

    CloudEvents 1.0: source and id together identify an event.
    """
    return str(uuid5(_EVENTS, _unambiguous(source, event_id)))


def timer_command_id(collection: str, aggregate_id: str, occurrence: Occurrence) -> str:
    """Return the command id for a call of a timer; no other call has it."""
    due = occurrence.due.isoformat(timespec="milliseconds")
    parts = [collection, aggregate_id, occurrence.id, occurrence.version, due]
    return str(uuid5(_TIMERS, msgspec.json.encode(parts).decode()))


def _unambiguous(first: str, second: str) -> str:
    """Return a text that no other pair has.

    Two texts without a line break are joined by one, as in every version so far, so that what was
    handled stays handled. Any other pair becomes JSON, which contains no line break and so
    equals no joined pair.
    """
    joined = f"{first}\n{second}"
    if joined.count("\n") == 1:
        return joined
    return msgspec.json.encode([first, second]).decode()


def digest_of(name: str, content: object) -> str:
    """Return the digest of a message's name and content, independent of the order of keys.

    Of a contract, fields that have their default do not count: a later version may add some, and
    a command that was handled before it comes again must still be the same.
    """
    # JSON contains no line break: the last one ends the name, whatever the name contains.
    encoded = msgspec.json.encode(_without_defaults(content), order="sorted")
    return hashlib.sha256(name.encode() + b"\n" + encoded).hexdigest()


def _without_defaults(value: Any) -> Any:  # noqa: ANN401 - any part of a message
    if isinstance(value, list | tuple):
        return [_without_defaults(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_defaults(each) for key, each in value.items()}
    if not isinstance(value, Struct):
        return value
    config = value.__struct_config__
    told = {} if config.tag_field is None else {config.tag_field: config.tag}
    for name, encoded_name, default in _fields_of(type(value)):
        if (part := getattr(value, name)) != default:
            told[encoded_name] = _without_defaults(part)
    return told


@functools.cache
def _fields_of(kind: type[Struct]) -> list[tuple[str, str, object]]:
    """Return the fields of a contract: name, name as JSON, and default, if there is one."""
    return [
        (
            each.name,
            each.encode_name,
            each.default if each.default_factory is NODEFAULT else each.default_factory(),
        )
        for each in msgspec.structs.fields(kind)
    ]


def now() -> datetime:
    """Return the current time in UTC, in milliseconds as the store keeps it."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1_000, UTC)
