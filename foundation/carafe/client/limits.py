"""Limits on a call to a service."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits on a call.

    Attributes:
        connect_seconds: for a new connection, per address of the host.
        answer_seconds: for one attempt, up to the last byte of its answer.
        total_seconds: for all attempts and the pauses between them.
        attempts: maximum number.
        answer_bytes: maximum size of one answer, uncompressed.
        connections: maximum number kept open.
    """

    connect_seconds: float = 1.0
    answer_seconds: float = 4.0
    total_seconds: float = 10.0
    attempts: int = 3
    answer_bytes: int = 8 * 1024 * 1024
    connections: int = 10
