"""One aggregate, one document, one write, on a real MongoDB."""

from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import DocumentUnreadable
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from chalicelib.infrastructure.repositories.product_repository import ProductRepository
from tests.support.orders import a_paid_order, an_order
from tests.support.products import a_product


def no_nudge(_collection: str, _identifier: str) -> None:
    """Leave the events where they are."""


@pytest.fixture
def orders(service: Container[Any]) -> OrderRepository:
    return OrderRepository(service.database, service.outbox, no_nudge, service.cursors)


@pytest.fixture
def products(service: Container[Any]) -> ProductRepository:
    return ProductRepository(service.database, service.outbox, no_nudge, service.cursors)


def stored(orders: OrderRepository, order: Order) -> dict[str, Any]:
    document = orders.collection.find_one({"_id": order.id})
    assert document is not None
    return document


def sequences(document: dict[str, Any]) -> list[int]:
    return [event["sequence"] for event in document["pending"]]


def test_state_events_and_command_are_one_document(orders: OrderRepository) -> None:
    order = a_paid_order()
    context = a_context()
    orders.add(order, context)
    document = stored(orders, order)
    assert document["status"] == "paid"
    assert [event["type"] for event in document["pending"]] == [
        "ordering.order.placed.v1",
        "ordering.order.paid.v1",
    ]
    assert sequences(document) == [1, 2]
    assert document["pending_since"] is not None
    assert [entry["id"] for entry in document["handled"]] == [context.command_id]


class Writes(CommandListener):
    """Counts the commands that change data."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in {
            "insert",
            "update",
            "findAndModify",
            "delete",
            "commitTransaction",
        }:
            self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


def test_a_commit_is_one_write(service: Container[Any]) -> None:
    writes = Writes()
    with MongoClient[dict[str, Any]](
        service.settings.mongo_uri, event_listeners=[writes], tz_aware=True
    ) as client:
        orders = OrderRepository(
            client[service.database.name], service.outbox, no_nudge, service.cursors
        )
        order = an_order()
        orders.add(order, a_context())
        order.pay("payment-1", at=NOON)
        orders.save(order, a_context())
        orders.delete(order, a_context())
    assert writes.names == ["insert", "update", "update"]


def test_the_oldest_waiting_event_dates_the_outbox(service: Container[Any]) -> None:
    hours = (NOON + timedelta(hours=each) for each in range(3))
    orders = OrderRepository(
        service.database, service.outbox, no_nudge, service.cursors, lambda: next(hours)
    )
    order = an_order()
    orders.add(order, a_context())
    order.pay("payment-1", at=NOON)
    orders.save(order, a_context())
    assert stored(orders, order)["pending_since"] == NOON


def test_a_damaged_document_is_named_in_the_log_alone(
    orders: OrderRepository, caplog: pytest.LogCaptureFixture
) -> None:
    order = an_order()
    orders.add(order, a_context())
    orders.collection.update_one(
        {"_id": order.id}, {"$unset": {"customer_id": ""}}, bypass_document_validation=True
    )
    with pytest.raises(DocumentUnreadable) as refusal:
        orders.get(order.id)
    assert order.id not in refusal.value.message
    (line,) = (vars(each) for each in caplog.records)
    assert (line["kind"], line["document"]) == ("Order", order.id)
    assert "customer_id" in line["fault"]


def test_a_tombstone_keeps_events_and_commands_alone(products: ProductRepository) -> None:
    product = a_product()
    products.add(product, a_context())
    products.delete(product, a_context())
    document = products.collection.find_one({"_id": product.id})
    assert document is not None
    assert document.keys() == {
        "_id",
        "version",
        "schema_version",
        "sequence",
        "pending",
        "pending_since",
        "handled",
        "deleted_at",
    }
