"""With the broker stopped, orders are still accepted; when it is back, every event arrives."""

import json
import time
from collections import defaultdict
from typing import Any

import pytest

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.testing.http import Api
from carafe.testing.processes import wait_until
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order
from tests.support.own_servers import own_broker
from tests.support.products import register_product

ORDERS = 10


def drained(service: Container[Any]) -> bool:
    """Sweep once more, as the schedule does, and return whether no event waits any longer."""
    service.relay.sweep(0, time.monotonic() + 10)
    return service.database["orders"].count_documents({"pending_since": {"$exists": True}}) == 0


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_stopped_broker_delays_events_and_loses_none(
    stack: Stack, service: Container[Any], http: Api, ending: str
) -> None:
    """F25."""
    broker = own_broker(stack)
    queue = f"consumer-{service.settings.service_name}"
    with service.bus.subscribe(["ordering.order.#"], queue=queue):
        pass
    # RabbitMQ 3.10 writes what it knows of a new queue some time after it answered: killed in
    # between, it comes back with a queue that confirms nothing, ever. A restart writes it.
    broker.stop()
    broker.start()
    product_id = register_product(http)
    service.relay.sweep(0, time.monotonic() + 20)
    getattr(broker, ending)()
    try:
        placed = [place_order(http, product_id) for _ in range(ORDERS)]
        for order_id in placed:
            address = http.get(f"/orders/{order_id}").body["shipping_address"]
            moved = {"shipping_address": {**address, "street": "Ahornweg 3"}}
            changed = http.put(f"/orders/{order_id}/shipping-address", moved, CUSTOMER)
            assert (changed.status, changed.body["version"]) == (200, 2)
        swept = service.relay.sweep(0, time.monotonic() + 5)
        assert swept.events == 0
        assert swept.bus_failed
    finally:
        broker.start()
    wait_until(lambda: drained(service))
    arrived = defaultdict(list)
    with service.bus.subscribe(["ordering.order.#"], queue=queue) as subscription:
        while message := subscription.receive(1):
            subscription.settle(message)
            event = json.loads(message.body)
            arrived[event["subject"]].append(event["sequence"])
    assert {subject: list(dict.fromkeys(each)) for subject, each in arrived.items()} == {
        order_id: [1, 2] for order_id in placed
    }
