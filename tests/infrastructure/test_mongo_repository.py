"""One aggregate, one document, one write, on a real MongoDB."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.errors import AlreadyExists, NotFound, StaleVersion
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.bootstrap import Container
from chalicelib.infrastructure.cqrs.execution import change, create
from chalicelib.infrastructure.cqrs.outbox import LARGEST_EVENT, MOST_PENDING
from chalicelib.infrastructure.database.criteria import equals, one_of
from chalicelib.infrastructure.database.mongo.mongo_repository import MOST_HANDLED
from chalicelib.infrastructure.database.mongo.order_repository import OrderRepository
from chalicelib.infrastructure.database.mongo.product_repository import ProductRepository
from chalicelib.infrastructure.errors import (
    CommandMismatch,
    DocumentUnreadable,
    EventTooLarge,
    OutboxFull,
)
from tests.support.examples import NOON, AnOrder, a_context, a_product, an_address, euros


class Nudged:
    """Remembers nudges instead of sending them."""

    def __init__(self) -> None:
        self.nudges: list[tuple[str, str]] = []

    def __call__(self, collection: str, identifier: str) -> None:
        self.nudges.append((collection, identifier))


@pytest.fixture
def nudged() -> Nudged:
    return Nudged()


@pytest.fixture
def orders(service: Container, nudged: Nudged) -> OrderRepository:
    return OrderRepository(service.database, service.outbox, nudged, service.cursors)


@pytest.fixture
def products(service: Container, nudged: Nudged) -> ProductRepository:
    return ProductRepository(service.database, service.outbox, nudged, service.cursors)


def stored(orders: OrderRepository, order: Order) -> dict[str, Any]:
    document = orders.collection.find_one({"_id": order.id})
    assert document is not None
    return document


def sequences(document: dict[str, Any]) -> list[int]:
    return [event["sequence"] for event in document["pending"]]


# Promise G1, atomic.


def test_an_order_comes_back_as_it_was_added(orders: OrderRepository) -> None:
    order = AnOrder(lines=3).order
    assert orders.add(order, a_context()) == CommandResult(id=order.id, version=1)
    found = orders.get(order.id)
    assert (found.version, found.sequence, found.recorded) == (1, 1, [])
    assert (found.lines, found.total, found.placed_at) == (order.lines, order.total, NOON)


def test_state_events_and_command_are_one_document(orders: OrderRepository) -> None:
    order = AnOrder().paid().order
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


def test_a_commit_is_one_write(service: Container, nudged: Nudged) -> None:
    writes = Writes()
    with MongoClient[dict[str, Any]](
        service.settings.mongo_uri, event_listeners=[writes], tz_aware=True
    ) as client:
        orders = OrderRepository(
            client[service.database.name], service.outbox, nudged, service.cursors
        )
        order = AnOrder().order
        orders.add(order, a_context())
        order.pay("payment-1", at=NOON)
        orders.save(order, a_context())
        orders.delete(order, a_context())
    assert writes.names == ["insert", "update", "update"]


def test_an_event_says_what_it_follows_from(orders: OrderRepository) -> None:
    order = AnOrder().order
    context = a_context()
    orders.add(order, context)
    (event,) = stored(orders, order)["pending"]
    assert event["specversion"] == "1.0"
    assert event["subject"] == order.id
    assert event["time"] == "2026-03-01T12:00:00.000Z"
    assert event["correlationid"] == context.correlation_id
    assert event["causationid"] == context.command_id
    assert event["data"]["total"] == {"amount": "10.00", "currency": "EUR"}


def test_a_save_goes_on_counting(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    found = orders.get(order.id)
    found.pay("payment-1", at=NOON)
    assert orders.save(found, a_context()).version == 2
    assert found.recorded == []
    document = stored(orders, order)
    assert (document["version"], document["sequence"], sequences(document)) == (2, 2, [1, 2])


def test_the_oldest_waiting_event_dates_the_outbox(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    since = stored(orders, order)["pending_since"]
    order.pay("payment-1", at=NOON)
    orders.save(order, a_context())
    assert stored(orders, order)["pending_since"] == since


def test_only_a_commit_with_events_nudges(orders: OrderRepository, nudged: Nudged) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    orders.save(order, a_context())
    assert nudged.nudges == [("orders", order.id)]


# Promise G6, no lost update.


def test_a_stale_writer_is_refused_and_changes_nothing(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    first, second = orders.get(order.id), orders.get(order.id)
    first.pay("payment-1", at=NOON)
    orders.save(first, a_context())
    second.cancel("too slow", at=NOON)
    with pytest.raises(StaleVersion):
        orders.save(second, a_context())
    document = stored(orders, order)
    assert (document["status"], sequences(document)) == ("paid", [1, 2])


def test_twenty_writers_at_once_lose_nothing(orders: OrderRepository) -> None:
    """F09: every accepted change is in the history, in a version of its own."""
    order = AnOrder().order
    orders.add(order, a_context())
    start = threading.Barrier(20)

    def write(number: int) -> list[tuple[int, str]]:
        start.wait()
        accepted = []
        for repeat in range(5):
            street = f"Lindenallee {number}-{repeat}"

            def readdress(found: Order, street: str = street) -> None:
                found.change_shipping_address(an_address(street=street), at=NOON)

            result = change(orders, order.id, a_context(), readdress)
            accepted.append((result.version, street))
        return accepted

    with ThreadPoolExecutor(20) as pool:
        accepted = sorted(each for done in pool.map(write, range(20)) for each in done)
    document = stored(orders, order)
    assert [version for version, _ in accepted] == list(range(2, 102))
    assert document["version"] == 101
    assert sequences(document) == list(range(1, 102))
    history = [event["data"]["shipping_address"]["street"] for event in document["pending"][1:]]
    assert history == [street for _, street in accepted]
    assert document["shipping_address"]["street"] == accepted[-1][1]


# Promise G5, effects once.


def test_a_repeated_creation_gets_the_first_answer(orders: OrderRepository) -> None:
    context = a_context()

    def make(order_id: str) -> Order:
        order = AnOrder().order
        order.id = order_id
        return order

    first = create(orders, context, make)
    assert first.id == context.command_id
    order = orders.get(first.id)
    order.pay("payment-1", at=NOON)
    orders.save(order, a_context())
    assert create(orders, context, make) == first
    assert orders.collection.count_documents({}) == 1


def test_a_repeated_change_takes_effect_once(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    context = a_context()
    first = change(orders, order.id, context, lambda found: found.pay("payment-1", at=NOON))
    again = change(orders, order.id, context, lambda found: found.pay("payment-2", at=NOON))
    assert again == first
    assert stored(orders, order)["payment_reference"] == "payment-1"


def test_concurrent_repeats_of_one_command_take_effect_once(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    context = a_context()
    start = threading.Barrier(10)

    def pay(number: int) -> CommandResult:
        start.wait()
        return change(orders, order.id, context, lambda found: found.pay(f"p-{number}", at=NOON))

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(pay, range(10)))
    assert answers == [CommandResult(id=order.id, version=2)] * 10
    assert sequences(stored(orders, order)) == [1, 2]


@pytest.mark.parametrize("repeat", ["create", "change"])
def test_a_command_id_with_another_content_is_refused(orders: OrderRepository, repeat: str) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    orders.add(order, context)
    misused = a_context(command_id=context.command_id, digest="another")
    attempts = {
        "create": lambda: orders.add(order, misused),
        "change": lambda: change(orders, order.id, misused, lambda _order: None),
    }
    with pytest.raises(CommandMismatch):
        attempts[repeat]()


def test_a_repeat_is_answered_even_when_the_rules_refuse_it_now(orders: OrderRepository) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    first = orders.add(order, context)

    def refuse(_order_id: str) -> Order:
        raise NotFound("product", "discontinued-since")

    assert create(orders, context, refuse) == first
    with pytest.raises(NotFound):
        create(orders, a_context(), refuse)


def test_only_the_latest_commands_are_remembered(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    for _ in range(MOST_HANDLED + 1):
        orders.save(order, a_context())
    assert len(stored(orders, order)["handled"]) == MOST_HANDLED


# Deleting, fault F11.


def test_a_deleted_product_is_gone_but_for_its_events(products: ProductRepository) -> None:
    product = a_product()
    products.add(product, a_context())
    product.discontinue(at=NOON)
    context = a_context()
    products.delete(product, context)
    with pytest.raises(NotFound):
        products.get(product.id)
    assert not products.exists(product.id)
    assert products.find(one_of("id", [product.id])).items == []
    assert products.find(order=["sku"]).items == []
    document = products.collection.find_one({"_id": product.id})
    assert document is not None
    assert [event["sequence"] for event in document["pending"]] == [1, 2]
    assert not {"sku", "name", "price"} & document.keys()
    assert products.earlier_result(product.id, context) == CommandResult(id=product.id, version=2)


def test_a_sku_is_unique_until_its_product_is_discontinued(products: ProductRepository) -> None:
    product = a_product(sku="CARAFE-1L")
    products.add(product, a_context())
    with pytest.raises(AlreadyExists, match="Another product has this sku") as refusal:
        products.add(a_product(sku="CARAFE-1L"), a_context())
    assert refusal.value.code == "product_already_exists"
    product.discontinue(at=NOON)
    products.delete(product, a_context())
    products.add(a_product(sku="CARAFE-1L"), a_context())


def test_a_deleted_aggregate_cannot_be_saved(products: ProductRepository) -> None:
    product = a_product()
    products.add(product, a_context())
    late = products.get(product.id)
    products.delete(product, a_context())
    late.change_price(euros("1"), at=NOON)
    with pytest.raises(NotFound):
        products.save(late, a_context())


# Bounds and damage


def test_a_full_outbox_refuses_more(orders: OrderRepository) -> None:
    """F10: the cap is far below the document's limit."""
    order = AnOrder().order
    for _ in range(MOST_PENDING - 1):
        order.change_shipping_address(an_address(), at=NOON)
    orders.add(order, a_context())
    order.change_shipping_address(an_address(), at=NOON)
    with pytest.raises(OutboxFull):
        orders.save(order, a_context())
    assert stored(orders, order)["version"] == 1


def test_an_event_too_large_for_the_bus_is_refused_before_anything_changes(
    orders: OrderRepository,
) -> None:
    """F33."""
    order = AnOrder().order
    order.customer_id = "m" * LARGEST_EVENT
    order.recorded.clear()
    order.record(AnOrder(customer_id="maria").order.recorded[0])
    object.__setattr__(order.recorded[0], "customer_id", order.customer_id)
    with pytest.raises(EventTooLarge):
        orders.add(order, a_context())
    assert orders.collection.count_documents({}) == 0


def test_a_damaged_document_is_named(orders: OrderRepository) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    orders.collection.update_one({"_id": order.id}, {"$unset": {"customer_id": ""}})
    with pytest.raises(DocumentUnreadable, match="customer_id"):
        orders.get(order.id)


# Pages


def test_pages_hold_every_order_once_latest_first(orders: OrderRepository) -> None:
    placed = [AnOrder(customer_id="maria").order for _ in range(7)]
    for order in [*placed, AnOrder(customer_id="somebody else").order]:
        orders.add(order, a_context())
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        page = orders.find(
            equals("customer_id", "maria"), order=["-placed_at"], limit=3, cursor=cursor
        )
        seen += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted((each.id for each in placed), reverse=True)


def test_a_page_can_be_of_one_status(orders: OrderRepository) -> None:
    paid = AnOrder().paid().order
    for order in (AnOrder().order, paid, AnOrder().cancelled().order):
        orders.add(order, a_context())
    page = orders.find(equals("status", OrderStatus.PAID))
    assert [each.id for each in page.items] == [paid.id]
