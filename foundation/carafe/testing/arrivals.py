"""The events that a subscriber receives."""

import json
from typing import Any

from carafe.infrastructure.event_bus.port import Subscription


def everything_on(subscription: Subscription, silence_seconds: float = 0.5) -> list[dict[str, Any]]:
    """Receive events until none has arrived for `silence_seconds`, and return them."""
    events: list[dict[str, Any]] = []
    while message := subscription.receive(silence_seconds):
        subscription.settle(message)
        events.append(json.loads(message.body))
    return events
