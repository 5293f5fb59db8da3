"""What a call to a service may take."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a call may take.

    Attributes:
        connect_seconds: for a new connection, to each address that the host has.
        answer_seconds: for one attempt, to the last byte of its answer.
        total_seconds: for all attempts and the pauses between them.
        attempts: at most.
        answer_bytes: of one answer, uncompressed.
        connections: kept open.
    """

    connect_seconds: float = 1.0
    answer_seconds: float = 4.0
    total_seconds: float = 10.0
    attempts: int = 3
    answer_bytes: int = 8 * 1024 * 1024
    connections: int = 10
