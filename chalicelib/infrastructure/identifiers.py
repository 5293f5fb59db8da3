"""Ids that are made outside the domain."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID, uuid5

_COMMANDS = UUID("6f0c6f5e-53c4-4c5c-9b0a-0f5b5a3e7c11")


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562): ordered by time, so that indexes grow at their end."""
    milliseconds = f"{time.time_ns() // 1_000_000:012x}"
    random = os.urandom(10).hex()
    variant = "89ab"[int(random[3], 16) & 3]
    return (
        f"{milliseconds[:8]}-{milliseconds[8:]}-7{random[:3]}-{variant}{random[4:7]}-{random[7:19]}"
    )


def command_id(subject: str, key: str) -> str:
    """Return the command id of a caller's idempotency key; other callers' keys never meet it."""
    return str(uuid5(_COMMANDS, f"{subject}\n{key}"))


def now() -> datetime:
    """Return the present moment, UTC, in the milliseconds that the store keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
