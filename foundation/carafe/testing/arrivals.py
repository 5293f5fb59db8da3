"""What a subscriber gets to see."""

import json
from typing import Any

from carafe.infrastructure.event_bus.port import Subscription


def everything_on(subscription: Subscription, silence_seconds: float = 0.5) -> list[dict[str, Any]]:
    """Take what is on the bus until nothing has come for so long."""
    arrived: list[dict[str, Any]] = []
    while message := subscription.receive(silence_seconds):
        subscription.settle(message)
        arrived.append(json.loads(message.body))
    return arrived
