"""Several relays at once, clocks that go wrong, and a large backlog."""

import functools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo.collection import Collection

from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import EVENTS_A_ROUND, MongoOutboxStore
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id, now
from carafe.infrastructure.outbox.relay import Relay
from carafe.infrastructure.outbox.store import PendingDocument
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from tests.support.orders import an_order
from tests.support.outboxes import add_order, deliveries, in_seconds, pending_sequences


@pytest.mark.parametrize("bridges", [1, 2, 8])
def test_any_number_of_bridges_and_the_sweep_keep_each_order(
    service: Container[Any], bridges: int
) -> None:
    """G3, F17, F38: while commits go on; whoever delivers first, delivers in order."""
    order_ids = [add_order(service) for _ in range(6)]
    stopping = threading.Event()
    commits = 12

    def write() -> None:
        for _ in range(commits):
            for order_id in order_ids:
                order = service.repository(Order).get(order_id)
                order.change_shipping_address(an_address(), at=NOON)
                service.repository(Order).save(order, a_context())
        stopping.set()

    def bridge(*, sweeping: bool) -> None:
        bus = RabbitMQBus(service.settings.rabbitmq_url, service.settings.service_name)
        mine = Relay(service.outbox_stores, bus)
        while not stopping.is_set() or any(pending_sequences(service, each) for each in order_ids):
            if sweeping:
                mine.sweep(0, in_seconds(20))
            else:
                mine.relay({"orders": order_ids}, in_seconds(20))
        bus.close()

    with service.bus.subscribe(["ordering.order.#"]) as subscription:
        sweep = functools.partial(bridge, sweeping=True)
        run_together(write, sweep, *[functools.partial(bridge, sweeping=False)] * bridges)
        arrived, ids = deliveries(subscription)
    expected = list(range(1, commits + 2))
    assert {each: list(dict.fromkeys(found)) for each, found in arrived.items()} == dict.fromkeys(
        order_ids, expected
    )
    assert all(len(each) == 1 for each in ids.values()), "a repeat has the same id"


def run_together(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_that_go_wrong_delay_no_event(service: Container[Any], minutes: int) -> None:
    """F39: neither starved nor reordered, whether the writer's clock is ahead or behind."""
    skewed = OrderRepository(
        service.database,
        service.outbox,
        lambda *_names: None,
        service.cursors,
        clock=lambda: now() + timedelta(minutes=minutes),
    )
    order = an_order()
    skewed.add(order, a_context())
    order.pay("payment-1", at=NOON)
    skewed.save(order, a_context())
    with service.bus.subscribe(["ordering.order.#"]) as subscription:
        assert service.relay.sweep(60, in_seconds(20)).events == 2
        kinds = []
        while message := subscription.receive(1):
            subscription.settle(message)
            kinds.append(message.routing_key)
    assert kinds == ["ordering.order.placed", "ordering.order.paid"]


class Watched(MongoOutboxStore):
    """Remembers how many documents were loaded at once."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        super().__init__(collection)
        self.sizes: list[int] = []

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        batch = super().overdue(older_than_seconds, limit, after)
        self.sizes.append(len(batch))
        return batch


def test_a_large_backlog_is_worked_off_in_bounded_steps(service: Container[Any]) -> None:
    """F40: resumable after each deadline, and no step holds more than its batch."""
    from carafe.infrastructure.outbox import relay as relay_module  # noqa: PLC0415

    count = 3 * relay_module.SWEEP_BATCH + 7
    order_id = add_order(service)
    pattern = service.database["orders"].find_one({"_id": order_id})
    assert pattern is not None
    (event,) = pattern["pending"]
    service.database["orders"].insert_many(
        [
            {**pattern, "_id": each, "pending": [{**event, "id": new_id(), "subject": each}]}
            for each in (new_id() for _ in range(count - 1))
        ]
    )
    store = Watched(service.database["orders"])
    relaying = Relay({"orders": store}, service.bus)
    total = 0
    while store.waiting():
        total += relaying.sweep(0, in_seconds(3)).events
    assert (total, max(store.sizes)) == (count, relay_module.SWEEP_BATCH)


MOST_SWEPT = 5_000 + EVENTS_A_ROUND
"""Events that a sweep may hold at once."""


def test_documents_full_of_events_are_loaded_in_bounded_steps(service: Container[Any]) -> None:
    """F40: the memory of a function is bounded by events, not by documents alone."""
    order_id = add_order(service)
    orders = service.database["orders"]
    pattern = orders.find_one({"_id": order_id})
    assert pattern is not None
    pending = pattern["pending"] * EVENTS_A_ROUND
    count = 2 * MOST_SWEPT // EVENTS_A_ROUND
    orders.insert_many([{**pattern, "_id": new_id(), "pending": pending} for _ in range(count)])
    store = service.outbox_stores["orders"]
    sizes = []
    documents = 0
    last = None
    while batch := store.overdue(0, 10 * count, last):
        sizes.append(sum(len(each.events) for each in batch))
        documents += len(batch)
        last = batch[-1]
    assert documents == count + 1
    assert max(sizes) <= MOST_SWEPT


def test_what_another_relay_drained_meanwhile_is_not_parked(service: Container[Any]) -> None:
    """F38: operators would be told of a document without events."""
    order_id = add_order(service)
    outbox = service.outbox_stores["orders"]
    (document,) = outbox.pending([order_id])
    outbox.remove({order_id: [each["id"] for each in document.events]})
    outbox.park(order_id)
    assert outbox.parked() == []
