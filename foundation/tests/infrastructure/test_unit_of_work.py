"""Two aggregates change at once, or neither."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import AlreadyExists
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.bookkeeping import HANDLED_FOR, LEAST_HANDLED, forgets_after
from carafe.infrastructure.database.mongo.unit_of_work import UnitOfWork, in_one_transaction
from carafe.infrastructure.errors import OutboxFull
from carafe.infrastructure.outbox.outbox import MOST_PENDING, envelope_of
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from tests.support.orders import an_order
from tests.support.products import a_product


class Nudged:
    """Remembers nudges, and what was visible outside the transaction when they came."""

    def __init__(self, service: Container[Any]) -> None:
        self._service = service
        self.seen: list[tuple[str, bool]] = []

    def __call__(self, collection: str, identifier: str, _due: datetime | None = None, /) -> None:
        found = self._service.database[collection].find_one({"_id": identifier})
        self.seen.append((collection, found is not None))


@pytest.fixture
def nudged(service: Container[Any]) -> Nudged:
    return Nudged(service)


def counts(service: Container[Any]) -> tuple[int, int]:
    database = service.database
    return database["orders"].count_documents({}), database["products"].count_documents({})


def test_both_are_committed_and_nudged_afterwards(service: Container[Any], nudged: Nudged) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.within(service.repository(Order)).add(an_order(), a_context())
        unit.within(service.repository(Product)).add(a_product(), a_context())
        assert counts(service) == (0, 0)
        assert nudged.seen == []

    in_one_transaction(service.database.client, nudged, work)
    assert counts(service) == (1, 1)
    assert nudged.seen == [("orders", True), ("products", True)]


def test_old_commands_are_forgotten_inside_a_transaction_too(
    service: Container[Any], nudged: Nudged
) -> None:
    clock = AdvanceableClock()
    orders = OrderRepository(service.database, service.outbox, nudged, service.cursors, clock)
    order = an_order()
    orders.add(order, a_context())
    while not forgets_after(order.version + 1):
        orders.save(order, a_context())
    clock.advance(2 * HANDLED_FOR)
    in_one_transaction(
        service.database.client, nudged, lambda unit: unit.within(orders).save(order, a_context())
    )
    (document,) = orders.collection.find({"_id": order.id})
    versions = [each["version"] for each in document["handled"]]
    assert versions == [1, *range(order.version - LEAST_HANDLED + 1, order.version + 1)]


def test_an_error_takes_everything_back(service: Container[Any], nudged: Nudged) -> None:
    def work(unit: UnitOfWork) -> None:
        unit.within(service.repository(Order)).add(an_order(), a_context())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_one_transaction(service.database.client, nudged, work)
    assert counts(service) == (0, 0)
    assert nudged.seen == []


def test_a_collision_takes_everything_back(service: Container[Any], nudged: Nudged) -> None:
    service.repository(Product).add(a_product(sku="TAKEN"), a_context())

    def work(unit: UnitOfWork) -> None:
        unit.within(service.repository(Order)).add(an_order(), a_context())
        unit.within(service.repository(Product)).add(a_product(sku="TAKEN"), a_context())

    with pytest.raises(AlreadyExists):
        in_one_transaction(service.database.client, nudged, work)
    assert counts(service) == (0, 1)


def test_concurrent_transactions_lose_no_update(service: Container[Any]) -> None:
    orders = [an_order(), an_order()]
    for order in orders:
        service.repository(Order).add(order, a_context())
    start = threading.Barrier(6)

    def both(number: int) -> None:
        start.wait()

        def work(unit: UnitOfWork) -> None:
            for order in orders:
                readdress(service, unit, order.id, f"Lindenallee {number}")

        in_one_transaction(service.database.client, service.nudge, work)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(both, range(6)))
    documents = list(service.database["orders"].find())
    histories = [
        [envelope_of(entry)["data"]["shipping_address"]["street"] for entry in each["pending"][1:]]
        for each in documents
    ]
    assert [each["version"] for each in documents] == [7, 7]
    assert histories[0] == histories[1]
    assert sorted(histories[0]) == [f"Lindenallee {number}" for number in range(6)]


def readdress(service: Container[Any], unit: UnitOfWork, order_id: str, street: str) -> None:
    context = a_context()
    repository = unit.within(service.repository(Order))
    found = repository.load(order_id, context)
    assert isinstance(found, Order)
    found.change_shipping_address(an_address(street=street), at=NOON)
    repository.save(found, context)


def test_a_repeated_command_is_recognised_inside(service: Container[Any], nudged: Nudged) -> None:
    order = an_order()
    context = a_context()
    first = service.repository(Order).add(order, context)
    found = in_one_transaction(
        service.database.client,
        nudged,
        lambda unit: unit.within(service.repository(Order)).load(order.id, context),
    )
    assert found == first == CommandResult(id=order.id, version=1)


def test_an_outbox_that_the_transaction_has_filled_refuses_more(
    service: Container[Any], nudged: Nudged
) -> None:
    order = an_order()
    for _ in range(MOST_PENDING - 1):
        order.change_shipping_address(an_address(), at=NOON)

    def work(unit: UnitOfWork) -> None:
        orders = unit.within(service.repository(Order))
        orders.add(order, a_context())
        order.change_shipping_address(an_address(), at=NOON)
        orders.save(order, a_context())

    with pytest.raises(OutboxFull):
        in_one_transaction(service.database.client, nudged, work)
    assert counts(service) == (0, 0)
