"""One aggregate, one document, one write, on a real MongoDB."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import (
    Binary,
    Code,
    DatetimeMS,
    DBRef,
    Decimal128,
    Int64,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from carafe.contracts.base import Contract
from carafe.contracts.views import View
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.bookkeeping import HANDLED_FOR, forgets_after
from carafe.infrastructure.database.criteria import equals, one_of
from carafe.infrastructure.database.mongo.outbox_removal import TOMBSTONE_SECONDS
from carafe.infrastructure.database.mongo.pipeline import Pipeline, highest
from carafe.infrastructure.errors import DocumentTooNew, DocumentUnreadable
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from chalicelib.infrastructure.repositories.product_repository import ProductRepository
from tests.support.orders import a_paid_order, an_order
from tests.support.products import a_product


class PlacedAtView(Contract, frozen=True):
    """Shows a moment."""

    placed_at: datetime


class OrderStateView(Contract, frozen=True):
    """Shows attributes as the projection fetches them."""

    id: str
    status: str
    customer_id: str


def no_nudge(*_nudge: object) -> None:
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
    assert (line["kind"], line["document"], line["fault"]) == ("Order", order.id, "KeyError")
    assert "customer_id" in "".join(line["place"])


def test_the_log_of_a_damaged_document_holds_none_of_its_values(
    orders: OrderRepository, caplog: pytest.LogCaptureFixture
) -> None:
    order = an_order()
    orders.add(order, a_context())
    damage = {"$set": {"status": "maria.weber@example.org"}}
    orders.collection.update_one({"_id": order.id}, damage, bypass_document_validation=True)
    with pytest.raises(DocumentUnreadable):
        orders.get(order.id)
    (line,) = (vars(each) for each in caplog.records)
    assert "maria.weber" not in str(line)
    assert "status" in "".join(line["place"])


FAR_FUTURE = DatetimeMS(2**62)
"""A date that MongoDB can hold and Python cannot."""


@pytest.mark.parametrize(
    "read",
    [
        lambda orders: orders.find(),
        lambda orders: orders.find_views(View(PlacedAtView, Order)),
        lambda orders: list(orders.stream()),
    ],
    ids=["find", "find_views", "stream"],
)
def test_every_document_of_a_page_that_python_cannot_hold_is_named_in_the_log(
    orders: OrderRepository,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[OrderRepository], object],
) -> None:
    first, intact, last = (an_order() for _ in range(3))
    for each in (first, intact, last):
        orders.add(each, a_context())
    damaged = {"_id": {"$in": [first.id, last.id]}}
    damage = {"$set": {"placed_at": FAR_FUTURE}}
    orders.collection.update_many(damaged, damage, bypass_document_validation=True)
    with pytest.raises(DocumentUnreadable) as refusal:
        read(orders)
    assert first.id not in refusal.value.message
    assert {vars(each)["document"] for each in caplog.records} == {first.id, last.id}


def test_a_pipeline_with_a_value_that_python_cannot_hold_names_the_aggregate_in_the_log(
    orders: OrderRepository, service: Container[Any], caplog: pytest.LogCaptureFixture
) -> None:
    order = an_order()
    orders.add(order, a_context())
    damage = {"$set": {"placed_at": FAR_FUTURE}}
    orders.collection.update_one({"_id": order.id}, damage, bypass_document_validation=True)
    with pytest.raises(DocumentUnreadable):
        list(Pipeline(Order).group_by("status", latest=highest("placed_at")).run(service.database))
    (line,) = (vars(each) for each in caplog.records)
    assert (line["kind"], line["fault"]) == ("Order", "InvalidBSON")


@pytest.mark.parametrize("first", [1, 2])
def test_what_a_document_of_before_remembers_is_forgotten_in_its_time(
    orders: OrderRepository, first: int
) -> None:
    """Version 0.1 kept the latest hundred commands, the creation among them or not."""
    order = an_order()
    orders.add(order, a_context())
    (creation,) = stored(orders, order)["handled"]
    order.version = first + 99
    commands = [
        creation | {"id": f"c-{version}", "version": version, "at": NOON - timedelta(days=900)}
        for version in range(first, order.version + 1)
    ]
    update = {"$set": {"version": order.version, "handled": commands}}
    orders.collection.update_one({"_id": order.id}, update)
    while not forgets_after(order.version):
        orders.save(order, a_context())
    versions = [each["version"] for each in stored(orders, order)["handled"]]
    assert versions == [1, *range(51, 151)][first - 1 :]


def test_a_tombstone_outlives_the_memory_of_commands() -> None:
    assert timedelta(seconds=TOMBSTONE_SECONDS) > HANDLED_FOR


# What a hand, another program or a bug may have left in a document.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.builds(list),
    st.builds(dict),
    st.lists(st.none() | st.integers(0, 3) | st.builds(dict), max_size=2),
    st.dictionaries(st.sampled_from(["amount", "kind", "x"]), st.none() | st.text(max_size=3)),
    st.sampled_from(
        [
            Decimal128("NaN"),
            Decimal128("sNaN"),
            Decimal128("-Infinity"),
            Decimal128("9.99E+6144"),
            Int64(2**63 - 1),
            ObjectId("0" * 24),
            Regex("("),
            Code("1"),
            Code("1", {"x": 1}),
            Timestamp(1, 1),
            MinKey(),
            DatetimeMS(2**62),
            DatetimeMS(-(2**62)),
            Binary(b"short", 4),
            DBRef("orders", 1),
        ]
    ),
)
PLACES = [
    "customer_id",
    "lines",
    "lines.0",
    "lines.0.quantity",
    "lines.0.unit_price",
    "lines.0.unit_price.amount",
    "shipping_address",
    "shipping_address.city",
    "status",
    "placed_at",
    "payment_reference",
    "shipment",
    "version",
    "sequence",
    "schema_version",
    "handled",
]


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.sampled_from(PLACES), value=ODD)
@example(place="status", value=[])
@example(place="status", value="lost")
@example(place="placed_at", value=DatetimeMS(2**62))
@example(place="lines.0.unit_price.amount", value=Decimal128("sNaN"))
@example(place="shipping_address", value=[{"city": "Halle"}])
@example(place="schema_version", value="one")
def test_whatever_is_stored_is_read_or_told_as_damage(
    orders: OrderRepository, place: str, value: object
) -> None:
    order, another = an_order(), an_order()
    both = [order.id, another.id]
    for each in (order, another):
        orders.add(each, a_context())
    damage = {"$set": {place: value}}
    orders.collection.update_one({"_id": order.id}, damage, bypass_document_validation=True)
    reads: list[Callable[[], object]] = [
        lambda: orders.get(order.id),
        lambda: orders.load(order.id, a_context()),
        lambda: orders.find(equals("id", order.id)),
        lambda: orders.find_views(View(OrderStateView, Order), equals("id", order.id)),
        lambda: orders.find(one_of("id", both), order=["placed_at"], limit=1),
        lambda: orders.find(one_of("id", both), order=["-shipping_address.city"], limit=1),
    ]
    for read in reads:
        with suppress(DocumentUnreadable, DocumentTooNew):
            read()


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
