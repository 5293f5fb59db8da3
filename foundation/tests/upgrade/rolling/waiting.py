"""What waits to be relayed, called, consumed or executed."""

from collections.abc import Mapping
from typing import Any

from carafe.infrastructure.container import Container

from .messages import Messages

COLLECTIONS = ("orders", "products", "fulfilments")
PROCESSES = "fulfilments"


def waiting(container: Container[Any], messages: Messages) -> Mapping[str, int]:
    """Return how much there is of each kind."""

    def documents(mark: str) -> int:
        marked = {mark: {"$exists": True}}
        return sum(container.database[each].count_documents(marked) for each in COLLECTIONS)

    return {
        "documents with pending events": documents("pending_since"),
        "documents with timers": documents("next_due"),
        "running processes": container.database[PROCESSES].count_documents({"ended_at": None}),
        "messages in SQS": messages.queued,
        "messages in RabbitMQ": messages.inbound,
    }


def told(counts: Mapping[str, int]) -> str:
    """Return what there is any of, for people."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
