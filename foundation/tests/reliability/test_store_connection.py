"""What the service demands of MongoDB: what is read or acknowledged lasts, and waits end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient

from carafe.contracts.base import CommandResult
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo import connection
from carafe.infrastructure.database.mongo.unit_of_work import UnitOfWork, in_one_transaction
from carafe.infrastructure.errors import StoreUnavailable
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.outboxes import add_order

OPERATION_SECONDS = 0.5


@pytest.fixture
def admin(service: Container[Any]) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client that asks for nothing, and waits for no majority."""
    with MongoClient[dict[str, Any]](service.settings.mongo_uri, w=1) as client:
        yield client


@pytest.fixture
def impatient(service: Container[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Container[Any]]:
    """The same service, whose operations may take half a second."""
    monkeypatch.setattr(connection, "OPERATION_MS", int(OPERATION_SECONDS * 1_000))
    container = Container(service.service, service.settings)
    yield container
    container.close()


@contextmanager
def nothing_replicated(admin: MongoClient[dict[str, Any]]) -> Iterator[None]:
    """Let the server take writes, but commit none to a majority: a failover would undo them."""
    admin.admin.command("configureFailPoint", "disableSnapshotting", mode="alwaysOn")
    try:
        yield
    finally:
        admin.admin.command("configureFailPoint", "disableSnapshotting", mode="off")


@contextmanager
def failing(
    admin: MongoClient[dict[str, Any]], service: Container[Any], command: str, **how: object
) -> Iterator[None]:
    """Let the server fail the next of a service's commands of a kind."""
    data = {"failCommands": [command], "appName": service.settings.service_name, **how}
    admin.admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=data)
    try:
        yield
    finally:
        admin.admin.command("configureFailPoint", "failCommand", mode="off")


def test_what_a_failover_could_undo_is_not_read(
    service: Container[Any], admin: MongoClient[dict[str, Any]]
) -> None:
    """F65: otherwise the relay would announce phantoms."""
    order_id = add_order(service)
    orders = admin[service.database.name].orders
    document = orders.find_one({"_id": order_id})
    assert document is not None
    with nothing_replicated(admin):
        orders.insert_one({**document, "_id": "phantom"})
        assert orders.find_one({"_id": "phantom"}) is not None
        assert not service.repository(Order).exists("phantom")
        assert service.outbox_stores["orders"].pending(["phantom"]) == []


def test_what_a_failover_could_undo_is_not_acknowledged(
    impatient: Container[Any], admin: MongoClient[dict[str, Any]]
) -> None:
    """F07: the caller repeats it, and is answered once it lasts."""
    orders = impatient.repository(Order)
    order = an_order()
    orders.add(order, a_context())
    order.pay("payment-1", at=NOON)
    with nothing_replicated(admin), pytest.raises(StoreUnavailable):
        orders.save(order, a_context())


def test_a_creation_that_no_majority_confirms_is_no_conflict(
    impatient: Container[Any], admin: MongoClient[dict[str, Any]]
) -> None:
    """F04: its repeat is answered once the write lasts."""
    orders = impatient.repository(Order)
    context = a_context()
    order = an_order(context.command_id)
    with nothing_replicated(admin), pytest.raises(StoreUnavailable):
        orders.add(order, context)
    assert orders.add(order, context) == CommandResult(id=order.id, version=1)


def test_a_database_that_does_not_answer_is_given_up_in_time(
    impatient: Container[Any], admin: MongoClient[dict[str, Any]]
) -> None:
    order_id = add_order(impatient)
    with failing(admin, impatient, "find", blockConnection=True, blockTimeMS=3_000):
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            impatient.repository(Order).get(order_id)
        assert time.monotonic() - began < 4 * OPERATION_SECONDS


def test_a_write_that_broke_off_inside_a_transaction_is_not_repeated_outside(
    service: Container[Any], admin: MongoClient[dict[str, Any]]
) -> None:
    """It would stay, although the transaction fails."""
    orders = service.repository(Order)
    order_id = add_order(service)

    def pay_and_fail(unit: UnitOfWork) -> None:
        within = unit.within(orders)
        order = within.get(order_id)
        order.pay("payment-1", at=NOON)
        within.save(order, a_context())
        raise ZeroDivisionError

    client = service.database.client
    with (
        failing(admin, service, "update", closeConnection=True),
        pytest.raises((StoreUnavailable, ZeroDivisionError)),
    ):
        in_one_transaction(client, service.nudge, pay_and_fail)
    assert orders.get(order_id).version == 1
