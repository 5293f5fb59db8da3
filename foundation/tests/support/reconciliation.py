"""What arrived, held against what was committed."""

import time
from collections import defaultdict
from typing import Any

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.port import Subscription
from carafe.testing.arrivals import everything_on


class Reconciliation:
    """Holds what arrived against what was committed, for the order of each step.

    Outboxes are looked at after each step. What arrived is collected once, at the end: waiting for
    late events after each step would take most of the test's time.

    Args:
        service: whose orders they are.
        subscription: to all of its events, from before the first step.
    """

    def __init__(self, service: Container[Any], subscription: Subscription) -> None:
        self._service = service
        self._subscription = subscription
        self._order_ids: list[str] = []

    def end_step(self, order_id: str) -> None:
        """Sweep, and require that nothing of an order waits and no command took effect twice."""
        self._service.relay.sweep(0, time.monotonic() + 20)
        self._order_ids.append(order_id)
        document = self._document(order_id)
        if document is None:
            return
        assert document["pending"] == [], "lost"
        handled = [each["id"] for each in document["handled"]]
        assert len(handled) == len(set(handled)), "handled twice"

    def event_types(self) -> list[list[str]]:
        """Return what arrived of each order, by its sequence; each step must have had an order."""
        arrived: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in everything_on(self._subscription, silence_seconds=1):
            arrived[event["subject"]].append(event)
        assert arrived.keys() <= set(self._order_ids), "a phantom"
        return [self._types(each, arrived[each]) for each in self._order_ids]

    def _types(self, order_id: str, events: list[dict[str, Any]]) -> list[str]:
        document = self._document(order_id)
        if document is None:
            assert events == [], "a phantom"
            return []
        first = list(dict.fromkeys(each["sequence"] for each in events))
        assert first == list(range(1, document["sequence"] + 1)), "lost, or out of order"
        assert len({each["id"] for each in events}) == len(first), "a repeat under another id"
        types = {each["sequence"]: each["type"] for each in events}
        return [types[sequence] for sequence in sorted(types)]

    def _document(self, order_id: str) -> dict[str, Any] | None:
        return self._service.database["orders"].find_one({"_id": order_id})
