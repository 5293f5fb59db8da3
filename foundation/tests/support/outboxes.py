"""Orders with pending events, and what the relay makes of them."""

import time
from collections import defaultdict
from typing import Any

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.port import Subscription
from carafe.infrastructure.outbox.relay_result import RelayResult
from carafe.testing.arrivals import everything_on
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from chalicelib.domain.order import Order
from tests.support.orders import an_order


def in_seconds(seconds: float) -> float:
    return time.monotonic() + seconds


def add_order(service: Container[Any], events: int = 1) -> str:
    """Store an order with so many pending events, and return its id."""
    order = an_order()
    for _ in range(events - 1):
        order.change_shipping_address(an_address(), at=NOON)
    service.repository(Order).add(order, a_context())
    return order.id


def pending_sequences(service: Container[Any], order_id: str) -> list[int]:
    """Return the sequences of an order's events that still wait."""
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    return [each["sequence"] for each in document["pending"]]


def relay(service: Container[Any], *order_ids: str, seconds: float = 20) -> RelayResult:
    return service.relay.relay({"orders": order_ids}, in_seconds(seconds))


def deliveries(
    subscription: Subscription,
) -> tuple[dict[str, list[int]], dict[tuple[str, int], set[str]]]:
    """Return the sequences of each subject as they came, and the event ids of each of them."""
    arrived: dict[str, list[int]] = defaultdict(list)
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for event in everything_on(subscription, silence_seconds=1):
        arrived[event["subject"]].append(event["sequence"])
        ids[event["subject"], event["sequence"]].add(event["id"])
    return arrived, ids
