"""The relay and a broker that goes wrong: each fault stops only what it must."""

import functools
import os
import signal
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pika
import pytest
import urllib3
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.collection import Collection

from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.errors import BusUnavailable, EventTooLarge
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.port import Message, Outcome, Subscription
from carafe.infrastructure.event_bus.rabbitmq import LONGEST_IDLE_SECONDS, RabbitMQBus
from carafe.infrastructure.identifiers import new_id, now
from carafe.infrastructure.outbox.relay import Relay, Relayed
from carafe.infrastructure.outbox.store import PendingDocument
from carafe.testing.arrivals import everything_on
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from tests.support.examples import NOON, AnOrder, a_context, an_address


def in_seconds(seconds: float) -> float:
    return time.monotonic() + seconds


def an_order_id(service: Container[Any], events: int = 1) -> str:
    """Store an order with so many pending events, and return its id."""
    order = AnOrder().order
    for _ in range(events - 1):
        order.change_shipping_address(an_address(), at=NOON)
    service.repository(Order).add(order, a_context())
    return order.id


def waiting(service: Container[Any], order_id: str) -> list[int]:
    """Return the sequences of an order's events that still wait."""
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    return [each["sequence"] for each in document["pending"]]


def relay(service: Container[Any], *order_ids: str, seconds: float = 20) -> Relayed:
    return service.relay.relay({"orders": order_ids}, in_seconds(seconds))


@contextmanager
def channel_of(service: Container[Any]) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        yield connection.channel()


def test_a_queue_that_refuses_keeps_events_in_their_outboxes(service: Container[Any]) -> None:
    """F26: real nacks. A quorum queue gives none; a full classic one does."""
    name = f"full-{new_id()}"
    arguments = {"x-max-length": 2, "x-overflow": "reject-publish"}
    with channel_of(service) as channel:
        channel.queue_declare(name, exclusive=True, arguments=arguments)
        channel.queue_bind(name, events_exchange(service.settings.service_name), "#")
        order_ids = [an_order_id(service, 3) for _ in range(4)]
        first = relay(service, *order_ids)
        assert 0 < first.events < 12
        assert first.unfinished
        for order_id in order_ids:
            left = waiting(service, order_id)
            assert left == [1, 2, 3][3 - len(left) :]
        with service.bus.subscribe(["#"]) as subscription:
            channel.queue_delete(name)
            relay(service, *order_ids)
            assert not any(waiting(service, order_id) for order_id in order_ids)
            again, _ = deliveries(subscription)
        assert all(each == sorted(each) for each in again.values())


def test_a_missing_exchange_keeps_events_and_the_next_relay_goes_on(
    service: Container[Any],
) -> None:
    """F31: the broker closes the channel; it is made anew."""
    exchange = events_exchange(service.settings.service_name)
    order_id = an_order_id(service, 2)
    relay(service, an_order_id(service))
    with channel_of(service) as channel:
        channel.exchange_delete(exchange)
    lost = relay(service, order_id)
    assert (lost.events, waiting(service, order_id)) == (0, [1, 2])
    service.prepare_bus()
    assert relay(service, order_id).events == 2


def test_a_message_that_no_queue_keeps_is_returned_and_stays(service: Container[Any]) -> None:
    """G4: without the alternate exchange a confirm says nothing about a queue."""
    exchange = events_exchange(service.settings.service_name)
    with channel_of(service) as channel:
        channel.exchange_delete(exchange)
        channel.exchange_declare(exchange, "topic", durable=True)
        order_id = an_order_id(service)
        done = relay(service, order_id)
        assert (done.events, done.returned, waiting(service, order_id)) == (0, 1, [1])


@contextmanager
def stopped(server: RabbitServer) -> Iterator[None]:
    """Stop the broker's process, as a machine that no longer answers."""
    pid = server.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_silent_broker_costs_no_more_than_the_time_given(
    stack: Stack, service: Container[Any]
) -> None:
    """F30: neither with a connection that stands, nor when one must be made."""
    assert stack.rabbitmq is not None
    order_id = an_order_id(service)
    relay(service, an_order_id(service))
    for _ in ("connected", "anew"):
        began = time.monotonic()
        with stopped(stack.rabbitmq):
            done = relay(service, order_id, seconds=5)
        assert time.monotonic() - began < 5 + 3
        assert (done.events, waiting(service, order_id)) == (0, [1])
        service.bus.close()
    assert relay(service, order_id).events == 1


class CrampedRabbitServer(RabbitServer):
    """A broker that has no memory left, and lets publishers wait."""

    def _configuration(self) -> str:
        return super()._configuration() + "vm_memory_high_watermark.absolute = 1MB\n"


def test_a_broker_without_memory_is_given_up_in_time(
    service: Container[Any], tmp_path: Path
) -> None:
    """F29: the memory alarm blocks the connection, for as long as it lasts."""
    cramped = CrampedRabbitServer(tmp_path)
    cramped.start()
    try:
        bus = RabbitMQBus(cramped.url, service.settings.service_name)
        bus.declare(service.service.subscribed)
        order_id = an_order_id(service)
        began = time.monotonic()
        done = Relay(service.outbox_stores, bus).relay({"orders": [order_id]}, in_seconds(6))
        assert time.monotonic() - began < 6
        assert (done.events, waiting(service, order_id)) == (0, [1])
        bus.close()
    finally:
        cramped.stop()
    assert relay(service, order_id).events == 1


def management(stack: Stack, method: str, path: str, **body: Any) -> Any:  # noqa: ANN401 - any JSON
    """Call the broker's management API."""
    url = stack.environment["RABBITMQ_MANAGEMENT_URL"] + "/api/" + path
    headers = urllib3.make_headers(basic_auth="guest:guest")
    answer = urllib3.request(method, url, headers=headers, json=body or None)
    assert answer.status < 300, answer.data
    return answer.json() if answer.data else None


def test_too_many_connections_keep_events_and_the_next_relay_goes_on(
    stack: Stack, service: Container[Any]
) -> None:
    """F35."""
    order_id = an_order_id(service)
    limit = f"vhost-limits/{quote('/', safe='')}/max-connections"
    management(stack, "PUT", limit, value=0)
    try:
        done = relay(service, order_id)
    finally:
        management(stack, "DELETE", limit)
    assert (done.bus_failed, done.unfinished) == (True, {("orders", order_id)})
    assert relay(service, order_id).events == 1


@pytest.mark.parametrize("frozen_seconds", [0, LONGEST_IDLE_SECONDS + 1])
def test_a_connection_that_died_unseen_costs_one_reconnect(
    service: Container[Any], frozen_seconds: float
) -> None:
    """F32: within the time that a connection is trusted, and after it."""
    ahead = 0.0
    bus = RabbitMQBus(
        service.settings.rabbitmq_url,
        service.settings.service_name,
        clock=lambda: time.time() + ahead,
    )
    relaying = Relay(service.outbox_stores, bus)
    relaying.relay({"orders": [an_order_id(service)]}, in_seconds(20))
    publisher = bus._publisher  # noqa: SLF001 - to break what stands
    assert publisher is not None
    # The other side is gone, and this one has not been told: what a thawed function finds.
    transport: Any = publisher._connection._transport  # noqa: SLF001 - the same
    transport._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - the same
    ahead = frozen_seconds
    done = relaying.relay({"orders": [an_order_id(service, 2)]}, in_seconds(20))
    assert (done.events, done.unfinished) == (2, set())
    bus.close()


def test_an_event_that_is_too_large_is_refused_before_it_is_committed(
    service: Container[Any],
) -> None:
    """F33."""
    order = AnOrder(lines=100).order
    event = order.recorded[0]
    object.__setattr__(event, "lines", event.lines * 40)  # type: ignore[attr-defined] # frozen
    with pytest.raises(EventTooLarge):
        service.repository(Order).add(order, a_context())
    assert service.database["orders"].count_documents({}) == 0


def test_an_unreachable_broker_is_told_once(service: Container[Any]) -> None:
    bus = RabbitMQBus("amqp://guest:guest@127.0.0.1:9/%2F", service.settings.service_name)
    with pytest.raises(BusUnavailable):
        bus.publish([Message(new_id(), "a.b.c.v1", "a.b.c", b"{}")], in_seconds(5))


# Several at once


@pytest.mark.parametrize("bridges", [1, 2, 8])
def test_any_number_of_bridges_and_the_sweep_keep_each_order(
    service: Container[Any], bridges: int
) -> None:
    """G3, F17, F38: while commits go on; whoever delivers first, delivers in order."""
    order_ids = [an_order_id(service) for _ in range(6)]
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
        while not stopping.is_set() or any(waiting(service, each) for each in order_ids):
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
    order = AnOrder().order
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
    order_id = an_order_id(service)
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


def test_outcomes_of_a_wave_that_was_cut_off_are_unknown(
    stack: Stack, service: Container[Any]
) -> None:
    assert stack.rabbitmq is not None
    service.bus.publish([Message(new_id(), "a.b.c.v1", "a.b.c", b"{}")], in_seconds(5))
    messages = [Message(new_id(), "a.b.c.v1", "a.b.c", b"{}") for _ in range(50)]
    with stopped(stack.rabbitmq):
        outcomes = service.bus.publish(messages, in_seconds(1))
    assert set(outcomes.values()) == {Outcome.UNKNOWN}
