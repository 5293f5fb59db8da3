"""What became of a write is found out, never guessed: on a real server that fails on demand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.database.bookkeeping import (
    FORGETTING_EVERY,
    HANDLED_FOR,
    LEAST_HANDLED,
    forgets_after,
)
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.proxy import ReplyDroppingProxy
from carafe.testing.stores import Nudged
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from tests.support.orders import an_order
from tests.support.own_servers import own_database

Work = Callable[[OrderRepository, CommandContext], CommandResult]


def creation(orders: OrderRepository, context: CommandContext) -> CommandResult:
    def make(order_id: str) -> Order:
        order = an_order()
        order.id = order_id
        return order

    return create(orders, context, make)


@pytest.fixture
def nudged() -> Nudged:
    return Nudged()


def a_repository(
    service: Container[Any], nudged: Nudged, client: MongoClient[dict[str, Any]]
) -> OrderRepository:
    database = client[service.database.name]
    return OrderRepository(database, service.outbox, nudged, service.cursors)


@pytest.fixture
def orders(service: Container[Any], nudged: Nudged) -> OrderRepository:
    return a_repository(service, nudged, service.database.client)


@contextmanager
def failing(service: Container[Any], times: int | dict[str, int], **how: object) -> Iterator[None]:
    """Let the server fail this service's next writes, or those after some; nobody else's."""
    admin = service.database.client.admin
    data = {
        "failCommands": ["insert", "update"],
        "appName": service.settings.service_name,
        **how,
    }
    mode = {"times": times} if isinstance(times, int) else times
    admin.command("configureFailPoint", "failCommand", mode=mode, data=data)
    try:
        yield
    finally:
        admin.command("configureFailPoint", "failCommand", mode="off")


def the_change(orders: OrderRepository) -> Work:
    """Return a change of an order that is there."""
    order = an_order()
    orders.add(order, a_context())
    return lambda repository, context: change(
        repository, order.id, context, lambda stored: stored.pay("payment-1", at=NOON)
    )


@pytest.fixture(params=["create", "change"])
def work(request: pytest.FixtureRequest, orders: OrderRepository) -> Work:
    return creation if request.param == "create" else the_change(orders)


def committed_once(orders: OrderRepository, context: CommandContext) -> CommandResult:
    """Check that the command is in one document, once, and return its result."""
    (document,) = orders.collection.find({"handled.id": context.command_id})
    (entry,) = (each for each in document["handled"] if each["id"] == context.command_id)
    events = [
        each
        for each in map(envelope_of, document["pending"])
        if each["causationid"] == context.command_id
    ]
    assert len(events) == 1
    assert document["version"] == entry["version"]
    return CommandResult(id=document["_id"], version=entry["version"])


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        # F05: applied, but not known to be replicated.
        ({"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}}, 1),
        # F06: the primary steps down.
        ({"errorCode": 10107, "errorLabels": ["RetryableWriteError"]}, 1),
        # The connection breaks before the write, for the driver and for its retry.
        ({"closeConnection": True}, 1),
        ({"closeConnection": True}, 2),
    ],
)
def test_a_fault_that_passes_is_unseen_by_the_caller(
    service: Container[Any],
    orders: OrderRepository,
    work: Work,
    fault: dict[str, object],
    times: int,
) -> None:
    context = a_context()
    with failing(service, times, **fault):
        result = work(orders, context)
    assert committed_once(orders, context) == result


def test_a_full_disk_is_told_and_leaves_no_event(
    service: Container[Any], orders: OrderRepository, work: Work, nudged: Nudged
) -> None:
    """F08."""
    context = a_context()
    nudged.nudges.clear()
    with failing(service, 10, errorCode=14031), pytest.raises(StoreUnavailable):
        work(orders, context)
    assert orders.collection.count_documents({"handled.id": context.command_id}) == 0
    assert nudged.nudges == []
    result = work(orders, context)
    assert committed_once(orders, context) == result


STEPPED_DOWN = {"code": 10107, "errmsg": "not primary"}
SHUTTING_DOWN = {"code": 91, "errmsg": "the server is shutting down"}
NOT_REPLICATED = {"code": 64, "errmsg": "waiting for replication timed out"}


@pytest.mark.parametrize(
    "fault",
    [
        {"errorCode": 10107},
        {"errorCode": 91},
        {"errorCode": 43},
        {"closeConnection": True},
        # Inside an otherwise acknowledged bulk, whose own code, 65, says nothing.
        {"writeConcernError": STEPPED_DOWN},
        {"writeConcernError": SHUTTING_DOWN},
        {"writeConcernError": NOT_REPLICATED},
    ],
    ids=str,
)
def test_a_failed_removal_of_events_is_told_and_can_be_repeated(
    service: Container[Any], orders: OrderRepository, fault: dict[str, object]
) -> None:
    """F06: the relay and the migration write in bulk."""
    order = an_order()
    orders.add(order, a_context())
    store = MongoOutboxStore(orders.collection)
    (document,) = store.pending([order.id])
    event_ids = {order.id: [each["id"] for each in document.events]}
    with impatient(service) as client, failing(service, 1_000_000, **fault):
        hurried = MongoOutboxStore(client[service.database.name][orders.collection.name])
        with pytest.raises(StoreUnavailable):
            hurried.remove(event_ids)
    store.remove(event_ids)
    assert store.pending([order.id]) == []


def test_a_command_succeeds_although_old_ones_cannot_be_forgotten(
    service: Container[Any], nudged: Nudged
) -> None:
    """Forgetting is a write of its own; the next one makes up for it."""
    clock = AdvanceableClock()
    orders = OrderRepository(service.database, service.outbox, nudged, service.cursors, clock)
    order, context = an_order(), a_context()
    orders.add(order, a_context())
    while not forgets_after(order.version + 1):
        orders.save(order, a_context())
    clock.advance(2 * HANDLED_FOR)
    with failing(service, {"skip": 1}, errorCode=14031):
        result = orders.save(order, context)
    assert (
        orders.save(order, context) == result == CommandResult(id=order.id, version=order.version)
    )
    assert number_of_handled(orders, order) == order.version
    for _ in range(FORGETTING_EVERY):
        orders.save(order, a_context())
    assert number_of_handled(orders, order) == LEAST_HANDLED + 1


def number_of_handled(orders: OrderRepository, order: Order) -> int:
    (document,) = orders.collection.find({"_id": order.id})
    return len(document["handled"])


@contextmanager
def impatient(service: Container[Any]) -> Iterator[MongoClient[dict[str, Any]]]:
    """Connect as the service does, but give up before long."""
    name = service.settings.service_name
    client: MongoClient[dict[str, Any]] = MongoClient(
        service.settings.mongo_uri,
        appname=name,
        tz_aware=True,
        w="majority",
        timeoutMS=400,
        # After "not primary", `close` waits for the next word of the server: 10 s by default.
        heartbeatFrequencyMS=500,
    )
    try:
        client.admin.command("ping")
        yield client
    finally:
        client.close()


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_write_whose_replies_are_lost_is_found_again(
    stack: Stack,
    service: Container[Any],
    orders: OrderRepository,
    work: Work,
    nudged: Nudged,
    lost: int,
) -> None:
    """F03, F04: the driver's retry, or `handled`, tells that it applied; never a false 409."""
    context = a_context()
    with ReplyDroppingProxy(port_of(stack)) as proxy, through(proxy) as client:
        unreliable = a_repository(service, nudged, client)
        proxy.drop_replies(lost)
        result = work(unreliable, context)
        assert proxy.dropped == lost
    assert committed_once(orders, context) == result


def test_a_write_that_stays_unknown_is_completed_by_its_repeat(
    stack: Stack, service: Container[Any], orders: OrderRepository, work: Work, nudged: Nudged
) -> None:
    context = a_context()
    with ReplyDroppingProxy(port_of(stack)) as proxy, through(proxy, 300) as client:
        unreliable = a_repository(service, nudged, client)
        proxy.drop_replies(1_000_000)
        with pytest.raises(StoreUnavailable):
            work(unreliable, context)
        assert proxy.dropped >= 2
        proxy.drop_replies(0)
        result = work(unreliable, context)
    assert committed_once(orders, context) == result


def port_of(stack: Stack) -> int:
    """Return the port of the database server."""
    ((_, port),) = parse_uri(stack.environment["MONGO_URI"])["nodelist"]
    return int(port)


@contextmanager
def through(
    proxy: ReplyDroppingProxy, timeout_milliseconds: int = 5_000
) -> Iterator[MongoClient[dict[str, Any]]]:
    """Connect through a proxy, otherwise as the service does."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true",
        tz_aware=True,
        w="majority",
        readConcernLevel="majority",
        timeoutMS=timeout_milliseconds,
    )
    try:
        client.admin.command("ping")
        yield client
    finally:
        client.close()


def test_a_killed_database_keeps_every_acknowledged_write(
    stack: Stack, orders: OrderRepository
) -> None:
    """F07: what was answered is there; what was not answered is completed by its repeat."""
    database = own_database(stack)
    contexts = [a_context() for _ in range(30)]
    answered = {}
    for position, context in enumerate(contexts):
        if position == 15:
            database.kill()
        try:
            answered[context.command_id] = creation(orders, context)
        except StoreUnavailable:
            break
    assert len(answered) == 15
    database.start()
    for context in contexts:
        result = creation(orders, context)
        assert answered.get(context.command_id, result) == result
        assert committed_once(orders, context) == result
    assert orders.collection.count_documents({}) == 30
