"""The port `Repository`: one suite over every store that fills it."""

import dataclasses
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.address import LONGEST, Address
from chalicelib.domain.errors import (
    AlreadyExists,
    DomainError,
    InvalidValue,
    NotFound,
    StaleVersion,
)
from chalicelib.domain.model import AggregateRoot
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order, OrderStatus, Shipment
from chalicelib.domain.order_line import LARGEST_QUANTITY, OrderLine
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import Container
from chalicelib.infrastructure.cqrs.execution import change, create
from chalicelib.infrastructure.cqrs.outbox import LARGEST_EVENT, MOST_PENDING, Envelope, Outbox
from chalicelib.infrastructure.database.criteria import (
    Criterion,
    Operator,
    at_least,
    below,
    equals,
    one_of,
)
from chalicelib.infrastructure.database.cursors import Cursors
from chalicelib.infrastructure.database.memory import memory_repository
from chalicelib.infrastructure.database.memory.memory_repository import MemoryRepository
from chalicelib.infrastructure.database.mongo.mongo_repository import MOST_HANDLED
from chalicelib.infrastructure.database.mongo.order_repository import OrderRepository
from chalicelib.infrastructure.database.mongo.product_repository import ProductRepository
from chalicelib.infrastructure.database.repository import LARGEST_PAGE, Repository
from chalicelib.infrastructure.errors import CommandMismatch, EventTooLarge, OutboxFull
from chalicelib.infrastructure.identifiers import new_id
from tests.support.examples import NOON, AnOrder, a_context, a_product, an_address, euros

A = TypeVar("A", bound=AggregateRoot)
R = TypeVar("R")


MEMORY = str(Path(memory_repository.__file__).parent)
TraceFunction = Callable[[FrameType, str, object], Any]


class OrdersInMemory(MemoryRepository[Order]):
    """Keeps orders."""

    aggregate = Order


class ProductsInMemory(MemoryRepository[Product]):
    """Keeps products."""

    aggregate = Product


class Nudged:
    """Remembers nudges instead of sending them."""

    def __init__(self) -> None:
        self.nudges: list[tuple[str, str]] = []

    def __call__(self, collection: str, identifier: str) -> None:
        self.nudges.append((collection, identifier))


@dataclass
class Store:
    """Repositories over one store, and a look at what waits in its outboxes."""

    orders: Repository[Order]
    products: Repository[Product]
    pending: Callable[[str], list[Envelope]]
    nudged: Nudged

    def sequences(self, identifier: str) -> list[int]:
        return [event["sequence"] for event in self.pending(identifier)]


CURSORS = Cursors("only the tests know this")


def in_memory() -> Store:
    nudged = Nudged()
    orders = OrdersInMemory(Outbox("ordering"), nudged, CURSORS)
    products = ProductsInMemory(Outbox("ordering"), nudged, CURSORS)
    return Store(
        orders, products, lambda each: orders.pending(each) + products.pending(each), nudged
    )


def in_mongo(service: Container) -> Store:
    nudged = Nudged()
    orders = OrderRepository(service.database, service.outbox, nudged, CURSORS)
    products = ProductRepository(service.database, service.outbox, nudged, CURSORS)

    def pending(identifier: str) -> list[Envelope]:
        collections = (orders.collection, products.collection)
        found = [each.find_one({"_id": identifier}) for each in collections]
        return [event for document in found if document for event in document["pending"]]

    return Store(orders, products, pending, nudged)


@pytest.fixture(params=["memory", "mongo"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return in_memory()
    return in_mongo(request.getfixturevalue("service"))


@pytest.fixture
def orders(store: Store) -> Repository[Order]:
    return store.orders


@pytest.fixture
def products(store: Store) -> Repository[Product]:
    return store.products


@pytest.fixture
def taking_turns() -> Iterator[None]:
    """Let another thread on at every line of the memory repositories, so that races show."""

    def give_way(frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
        if not frame.f_code.co_filename.startswith(MEMORY):
            return None
        time.sleep(0)  # not to wait, but to let go of the interpreter's lock
        return give_way

    usual = threading.gettrace()
    threading.settrace(give_way)
    yield
    threading.settrace(usual)


def at_once(count: int, work: Callable[[int], R]) -> list[R]:
    """Do some work in so many threads, all let go at the same moment."""
    start = threading.Barrier(count)

    def waiting(number: int) -> R:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(waiting, range(count)))


def state_of(aggregate: AggregateRoot) -> dict[str, Any]:
    return {field.name: getattr(aggregate, field.name) for field in dataclasses.fields(aggregate)}


def added(repository: Repository[A], *aggregates: A) -> list[str]:
    for each in aggregates:
        repository.add(each, a_context())
    return [each.id for each in aggregates]


def an_order_at(moment: datetime, customer_id: str = "maria", city: str = "Leipzig") -> Order:
    return Order.place(
        order_id=new_id(),
        customer_id=customer_id,
        lines=AnOrder().order.lines,
        shipping_address=an_address(city=city),
        at=moment,
    )


def ids_of(repository: Repository[A], *criteria: Criterion, order: Sequence[str] = ()) -> list[str]:
    return [each.id for each in repository.find(*criteria, order=order).items]


def pages_of(
    repository: Repository[A], *criteria: Criterion, order: Sequence[str] = (), limit: int
) -> Iterator[list[A]]:
    cursor = None
    for _ in range(100):
        page = repository.find(*criteria, order=order, limit=limit, cursor=cursor)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return
    pytest.fail("the pages do not end")


# Adding and getting


def test_an_order_comes_back_as_it_was_added(orders: Repository[Order]) -> None:
    order = AnOrder(lines=3).order
    assert orders.add(order, a_context()) == CommandResult(id=order.id, version=1)
    found = orders.get(order.id)
    assert (found.version, found.sequence, found.recorded) == (1, 1, [])
    assert (found.lines, found.total, found.placed_at) == (order.lines, order.total, NOON)
    assert orders.exists(order.id)


def test_an_order_that_was_never_added_is_not_found(orders: Repository[Order]) -> None:
    assert not orders.exists("nobody's")
    assert orders.earlier_result("nobody's", a_context()) is None
    with pytest.raises(NotFound, match="There is no order nobody's"):
        orders.get("nobody's")
    with pytest.raises(NotFound):
        orders.load("nobody's", a_context())


def test_an_order_that_was_never_added_cannot_be_saved_or_deleted(
    orders: Repository[Order],
) -> None:
    with pytest.raises(NotFound):
        orders.save(AnOrder().order, a_context())
    with pytest.raises(NotFound):
        orders.delete(AnOrder().order, a_context())


def test_an_id_can_be_taken_only_once(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    second = AnOrder(customer_id="somebody else").order
    second.id = order.id
    with pytest.raises(AlreadyExists, match="Another order has this id") as refusal:
        orders.add(second, a_context())
    assert refusal.value.code == "order_already_exists"
    assert orders.get(order.id).customer_id == "maria"


def test_what_was_added_changes_only_by_a_save(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    order.pay("payment-1", at=NOON)
    assert orders.get(order.id).status is OrderStatus.PLACED


def test_what_was_read_changes_only_by_a_save(orders: Repository[Order]) -> None:
    order = AnOrder().order
    orders.add(order, a_context())
    loaded = orders.load(order.id, a_context())
    assert isinstance(loaded, Order)
    (listed,) = orders.find().items
    (streamed,) = orders.stream()
    for read in (orders.get(order.id), loaded, listed, streamed):
        read.pay("payment-1", at=NOON)
        assert orders.get(order.id).status is OrderStatus.PLACED


def test_a_moment_finer_than_milliseconds_is_refused(orders: Repository[Order]) -> None:
    with pytest.raises(ValueError, match="milliseconds"):
        orders.add(an_order_at(NOON + timedelta(microseconds=1)), a_context())


def test_a_text_that_no_store_can_keep_is_refused(orders: Repository[Order]) -> None:
    order = AnOrder().order
    order.payment_reference = "half a pair: \ud83d"
    with pytest.raises(UnicodeEncodeError):
        orders.add(order, a_context())
    assert not orders.exists(order.id)


# State, events and commands commit together.


def test_events_wait_in_the_order_in_which_they_happened(store: Store) -> None:
    order = AnOrder().paid().order
    store.orders.add(order, a_context())
    assert [event["type"] for event in store.pending(order.id)] == [
        "ordering.order.placed.v1",
        "ordering.order.paid.v1",
    ]
    assert store.sequences(order.id) == [1, 2]


def test_an_event_says_what_it_follows_from(store: Store) -> None:
    order = AnOrder().order
    context = a_context()
    store.orders.add(order, context)
    (event,) = store.pending(order.id)
    assert event["specversion"] == "1.0"
    assert event["subject"] == order.id
    assert event["time"] == "2026-03-01T12:00:00.000Z"
    assert event["correlationid"] == context.correlation_id
    assert event["causationid"] == context.command_id
    assert event["data"]["total"] == {"amount": "10.00", "currency": "EUR"}


def test_a_save_goes_on_counting(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    found = store.orders.get(order.id)
    found.pay("payment-1", at=NOON)
    assert store.orders.save(found, a_context()).version == 2
    assert (found.version, found.sequence, found.recorded) == (2, 2, [])
    assert state_of(store.orders.get(order.id)) == state_of(found)
    assert store.sequences(order.id) == [1, 2]


def test_only_a_commit_with_events_nudges(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    store.orders.save(order, a_context())
    assert store.nudged.nudges == [("orders", order.id)]


# No lost update


def test_a_stale_writer_is_refused_and_changes_nothing(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    first, second = store.orders.get(order.id), store.orders.get(order.id)
    first.pay("payment-1", at=NOON)
    store.orders.save(first, a_context())
    second.cancel("too slow", at=NOON)
    with pytest.raises(StaleVersion):
        store.orders.save(second, a_context())
    with pytest.raises(StaleVersion):
        store.orders.delete(second, a_context())
    assert store.orders.get(order.id).status is OrderStatus.PAID
    assert store.sequences(order.id) == [1, 2]
    assert (second.version, len(second.recorded)) == (1, 1)


def test_twenty_writers_at_once_lose_nothing(store: Store) -> None:
    """F09: every accepted change is in the history, in a version of its own."""
    order = AnOrder().order
    store.orders.add(order, a_context())

    def write(number: int) -> list[tuple[int, str]]:
        accepted = []
        for repeat in range(5):
            street = f"Lindenallee {number}-{repeat}"

            def readdress(found: Order, street: str = street) -> None:
                found.change_shipping_address(an_address(street=street), at=NOON)

            result = change(store.orders, order.id, a_context(), readdress)
            accepted.append((result.version, street))
        return accepted

    accepted = sorted(each for done in at_once(20, write) for each in done)
    found = store.orders.get(order.id)
    assert [version for version, _ in accepted] == list(range(2, 102))
    assert (found.version, found.sequence) == (101, 101)
    assert store.sequences(order.id) == list(range(1, 102))
    events = store.pending(order.id)[1:]
    history = [event["data"]["shipping_address"]["street"] for event in events]
    assert history == [street for _, street in accepted]
    assert found.shipping_address.street == accepted[-1][1]


def outcome_of_one(commits: Sequence[Callable[[], CommandResult]], number: int) -> str:
    try:
        commits[number]()
    except DomainError as refusal:
        return refusal.code
    return "won"


@pytest.mark.usefixtures("taking_turns")
def test_of_many_saves_of_one_version_at_once_one_wins(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    hands = [store.orders.get(order.id) for _ in range(10)]
    for number, hand in enumerate(hands):
        hand.pay(f"p-{number}", at=NOON)
    commits = [functools.partial(store.orders.save, each, a_context()) for each in hands]
    outcomes = at_once(10, functools.partial(outcome_of_one, commits))
    assert sorted(outcomes) == ["stale_version"] * 9 + ["won"]
    assert store.orders.get(order.id).payment_reference == f"p-{outcomes.index('won')}"
    assert store.sequences(order.id) == [1, 2]


@pytest.mark.usefixtures("taking_turns")
def test_of_a_save_and_a_delete_at_once_one_wins(products: Repository[Product]) -> None:
    for _ in range(10):
        product = a_product()
        products.add(product, a_context())
        saver, deleter = products.get(product.id), products.get(product.id)
        commits = [
            functools.partial(products.save, saver, a_context()),
            functools.partial(products.delete, deleter, a_context()),
        ]
        outcomes = at_once(2, functools.partial(outcome_of_one, commits))
        assert outcomes in (["won", "stale_version"], ["not_found", "won"])
        assert products.exists(product.id) is (outcomes[0] == "won")
        if products.exists(product.id):
            products.delete(saver, a_context())


# Effects once


def an_order_with_id(order_id: str) -> Order:
    return Order.place(
        order_id=order_id,
        customer_id="maria",
        lines=AnOrder().order.lines,
        shipping_address=an_address(),
        at=NOON,
    )


def test_a_repeated_creation_gets_the_first_answer(store: Store) -> None:
    context = a_context()
    first = create(store.orders, context, an_order_with_id)
    assert first == CommandResult(id=context.command_id, version=1)
    order = store.orders.get(first.id)
    order.pay("payment-1", at=NOON)
    store.orders.save(order, a_context())
    assert create(store.orders, context, an_order_with_id) == first
    assert len(store.orders.find().items) == 1
    assert store.sequences(first.id) == [1, 2]


def test_a_repeated_change_takes_effect_once(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()
    first = change(store.orders, order.id, context, lambda found: found.pay("p-1", at=NOON))
    again = change(store.orders, order.id, context, lambda found: found.pay("p-2", at=NOON))
    assert first == again == CommandResult(id=order.id, version=2)
    assert store.orders.get(order.id).payment_reference == "p-1"
    assert store.sequences(order.id) == [1, 2]


def test_a_repeated_deletion_gets_the_first_answer(store: Store) -> None:
    product = a_product()
    store.products.add(product, a_context())
    context = a_context()

    def discontinue() -> CommandResult:
        return change(
            store.products,
            product.id,
            context,
            lambda found: found.discontinue(at=NOON),
            delete=True,
        )

    assert discontinue() == discontinue() == CommandResult(id=product.id, version=2)
    assert store.sequences(product.id) == [1, 2]


def test_a_stale_repeat_is_answered_by_every_commit(products: Repository[Product]) -> None:
    product = a_product()
    products.add(product, a_context())
    save, delete = a_context(), a_context()
    late = products.get(product.id)
    products.save(product, save)
    assert products.save(late, save) == CommandResult(id=product.id, version=2)
    assert products.delete(late, save) == CommandResult(id=product.id, version=2)
    products.delete(product, delete)
    assert products.delete(late, delete) == CommandResult(id=product.id, version=3)
    assert products.save(late, save) == CommandResult(id=product.id, version=2)


def test_a_repeat_on_the_newest_state_is_answered_too(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()
    order.change_shipping_address(an_address(city="Halle"), at=NOON)
    first = store.orders.save(order, context)
    order.change_shipping_address(an_address(city="Jena"), at=NOON)
    assert store.orders.save(order, context) == first
    assert store.orders.get(order.id).shipping_address.city == "Halle"
    assert store.sequences(order.id) == [1, 2]


def test_an_earlier_result_outlives_its_aggregate(products: Repository[Product]) -> None:
    product = a_product()
    register, discontinue = a_context(), a_context()
    products.add(product, register)
    products.delete(product, discontinue)
    assert products.earlier_result(product.id, register) == CommandResult(id=product.id, version=1)
    assert products.load(product.id, discontinue) == CommandResult(id=product.id, version=2)
    assert products.earlier_result(product.id, a_context()) is None


@pytest.mark.usefixtures("taking_turns")
def test_concurrent_repeats_of_one_change_take_effect_once(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    context = a_context()

    def pay(number: int) -> CommandResult:
        return change(
            store.orders, order.id, context, lambda found: found.pay(f"p-{number}", at=NOON)
        )

    assert at_once(10, pay) == [CommandResult(id=order.id, version=2)] * 10
    assert store.sequences(order.id) == [1, 2]


@pytest.mark.usefixtures("taking_turns")
def test_concurrent_repeats_of_one_creation_take_effect_once(store: Store) -> None:
    context = a_context()
    answers = at_once(10, lambda _number: create(store.orders, context, an_order_with_id))
    assert answers == [CommandResult(id=context.command_id, version=1)] * 10
    assert store.sequences(context.command_id) == [1]
    assert store.nudged.nudges == [("orders", context.command_id)]


@pytest.mark.parametrize("attempt", ["create", "load", "earlier_result", "save", "delete"])
def test_a_command_id_with_another_content_is_refused(store: Store, attempt: str) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    store.orders.add(order, context)
    late = store.orders.get(order.id)
    store.orders.save(order, a_context())
    misused = a_context(command_id=context.command_id, digest="another")
    attempts: dict[str, Callable[[], object]] = {
        "create": lambda: store.orders.add(order, misused),
        "load": lambda: store.orders.load(order.id, misused),
        "earlier_result": lambda: store.orders.earlier_result(order.id, misused),
        "save": lambda: store.orders.save(late, misused),
        "delete": lambda: store.orders.delete(late, misused),
    }
    with pytest.raises(CommandMismatch):
        attempts[attempt]()
    assert store.orders.get(order.id).version == 2


def test_a_repeat_is_answered_even_when_the_rules_refuse_it_now(orders: Repository[Order]) -> None:
    order = AnOrder().order
    context = a_context(command_id=order.id)
    first = orders.add(order, context)

    def refuse(_order_id: str) -> Order:
        raise NotFound("product", "discontinued-since")

    assert create(orders, context, refuse) == first
    with pytest.raises(NotFound):
        create(orders, a_context(), refuse)


def test_only_the_latest_commands_are_remembered(orders: Repository[Order]) -> None:
    order = AnOrder().order
    contexts = [a_context() for _ in range(MOST_HANDLED + 2)]
    orders.add(order, contexts[0])
    for context in contexts[1:]:
        orders.save(order, context)
    answers = [orders.earlier_result(order.id, context) for context in contexts]
    assert answers[:2] == [None, None]
    assert [each.version for each in answers[2:] if each] == list(range(3, MOST_HANDLED + 3))


# Deleting, fault F11


def test_a_deleted_product_is_gone_but_for_its_events(store: Store) -> None:
    product = a_product()
    store.products.add(product, a_context())
    product.discontinue(at=NOON)
    assert store.products.delete(product, a_context()) == CommandResult(id=product.id, version=2)
    with pytest.raises(NotFound):
        store.products.get(product.id)
    with pytest.raises(NotFound):
        store.products.load(product.id, a_context())
    assert not store.products.exists(product.id)
    assert ids_of(store.products) == []
    assert ids_of(store.products, one_of("id", [product.id])) == []
    assert ids_of(store.products, order=["sku"]) == []
    assert list(store.products.stream()) == []
    assert store.sequences(product.id) == [1, 2]
    assert store.nudged.nudges == [("products", product.id)] * 2


def test_a_deleted_aggregate_cannot_be_changed_by_who_read_it_before(
    products: Repository[Product],
) -> None:
    product = a_product()
    products.add(product, a_context())
    late = products.get(product.id)
    products.delete(product, a_context())
    late.change_price(euros("1"), at=NOON)
    with pytest.raises(NotFound):
        products.save(late, a_context())
    with pytest.raises(NotFound):
        products.delete(late, a_context())


@pytest.mark.parametrize("attempt", ["save", "delete"])
def test_a_deleted_aggregate_cannot_be_changed_by_who_deleted_it(
    store: Store, attempt: str
) -> None:
    product = a_product()
    store.products.add(product, a_context())
    store.products.delete(product, a_context())
    product.change_price(euros("1"), at=NOON)
    with pytest.raises(NotFound):
        getattr(store.products, attempt)(product, a_context())
    assert store.sequences(product.id) == [1]
    store.products.add(a_product(), a_context())


def test_the_id_of_a_deleted_aggregate_stays_taken(products: Repository[Product]) -> None:
    product, successor = a_product(), a_product()
    products.add(product, a_context())
    products.delete(product, a_context())
    successor.id = product.id
    with pytest.raises(AlreadyExists):
        products.add(successor, a_context())


# Unique attributes


def test_a_sku_is_unique_until_its_product_is_discontinued(products: Repository[Product]) -> None:
    product = a_product(sku="CARAFE-1L")
    products.add(product, a_context())
    with pytest.raises(AlreadyExists, match="Another product has this sku") as refusal:
        products.add(a_product(sku="CARAFE-1L"), a_context())
    assert refusal.value.code == "product_already_exists"
    products.add(a_product(sku="CARAFE-2L"), a_context())
    product.discontinue(at=NOON)
    products.delete(product, a_context())
    successor = a_product(sku="CARAFE-1L")
    products.add(successor, a_context())
    assert ids_of(products, equals("sku", "CARAFE-1L")) == [successor.id]


def test_a_refused_sku_leaves_nothing_behind(store: Store) -> None:
    store.products.add(a_product(), a_context())
    second, context = a_product(), a_context()
    with pytest.raises(AlreadyExists):
        store.products.add(second, context)
    assert not store.products.exists(second.id)
    assert store.products.earlier_result(second.id, context) is None
    assert store.pending(second.id) == []
    assert (second.version, len(second.recorded)) == (0, 1)


def test_a_product_keeps_its_own_sku_through_a_save(products: Repository[Product]) -> None:
    product = a_product()
    products.add(product, a_context())
    product.change_price(euros("1"), at=NOON)
    assert products.save(product, a_context()).version == 2
    with pytest.raises(AlreadyExists):
        products.add(a_product(), a_context())


def test_a_save_cannot_take_a_sku_that_another_product_has(products: Repository[Product]) -> None:
    first, second = a_product(sku="CARAFE-1L"), a_product(sku="CARAFE-2L")
    added(products, first, second)
    second.sku = "CARAFE-1L"
    with pytest.raises(AlreadyExists, match="Another product has this sku"):
        products.save(second, a_context())
    assert products.get(second.id).sku == "CARAFE-2L"


def test_a_save_frees_the_sku_that_it_replaces(products: Repository[Product]) -> None:
    product = a_product(sku="CARAFE-1L")
    products.add(product, a_context())
    product.sku = "CARAFE-2L"
    products.save(product, a_context())
    products.add(a_product(sku="CARAFE-1L"), a_context())
    with pytest.raises(AlreadyExists):
        products.add(a_product(sku="CARAFE-2L"), a_context())


@pytest.mark.usefixtures("taking_turns")
def test_of_many_who_add_one_sku_at_once_one_wins(products: Repository[Product]) -> None:
    commits = [
        functools.partial(products.add, a_product(price=f"{number}.00"), a_context())
        for number in range(1, 11)
    ]
    outcomes = at_once(10, functools.partial(outcome_of_one, commits))
    assert sorted(outcomes) == ["product_already_exists"] * 9 + ["won"]
    (only,) = products.find().items
    assert only.price == euros(f"{outcomes.index('won') + 1}.00")


# Bounds


def readdressed(order: Order, times: int) -> Order:
    for _ in range(times):
        order.change_shipping_address(an_address(), at=NOON)
    return order


def test_a_full_outbox_refuses_more(store: Store) -> None:
    """F10: the cap is far below a document's limit."""
    order = readdressed(AnOrder().order, MOST_PENDING - 2)
    store.orders.add(order, a_context())
    store.orders.save(readdressed(order, 1), a_context())
    context = a_context()
    with pytest.raises(OutboxFull):
        store.orders.save(readdressed(order, 1), context)
    with pytest.raises(OutboxFull):
        store.orders.delete(order, context)
    assert store.orders.get(order.id).version == 2
    assert store.orders.earlier_result(order.id, context) is None
    assert len(store.pending(order.id)) == MOST_PENDING
    order.recorded.clear()
    assert store.orders.save(order, a_context()).version == 3


def test_more_events_at_once_than_may_wait_are_refused(store: Store) -> None:
    order = AnOrder().order
    store.orders.add(order, a_context())
    with pytest.raises(OutboxFull):
        store.orders.save(readdressed(order, MOST_PENDING + 1), a_context())
    assert store.sequences(order.id) == [1]


def test_a_new_aggregate_with_more_events_than_may_wait_is_refused(store: Store) -> None:
    order = readdressed(AnOrder().order, MOST_PENDING)
    with pytest.raises(OutboxFull):
        store.orders.add(order, a_context())
    assert not store.orders.exists(order.id)


def test_an_event_too_large_for_the_bus_is_refused_before_anything_changes(store: Store) -> None:
    """F33."""
    order = AnOrder().order
    store.orders.add(order, a_context())
    order.cancel("changed my mind", at=NOON)
    object.__setattr__(order.recorded[0], "reason", "m" * LARGEST_EVENT)
    large = AnOrder().order
    object.__setattr__(large.recorded[0], "customer_id", "m" * LARGEST_EVENT)
    with pytest.raises(EventTooLarge):
        store.orders.add(large, a_context())
    with pytest.raises(EventTooLarge):
        store.orders.save(order, a_context())
    with pytest.raises(EventTooLarge):
        store.orders.delete(order, a_context())
    assert not store.orders.exists(large.id)
    assert store.orders.get(order.id).status is OrderStatus.PLACED
    assert store.sequences(order.id) == [1]


# Criteria

LATER, EARLIER = NOON + timedelta(milliseconds=1), NOON - timedelta(milliseconds=1)


def three_orders() -> dict[str, Order]:
    """A placed one of long ago, a paid one of noon, a shipped one of later."""
    placed = an_order_at(EARLIER, "maria", "Dresden")
    paid = an_order_at(NOON, "john", "Halle")
    paid.pay("payment-1", at=NOON)
    shipped = an_order_at(LATER, "maria", "Leipzig")
    shipped.pay("payment-2", at=NOON)
    shipped.ship(Shipment(carrier="DHL", tracking_code="JD01"), at=NOON)
    return {"placed": placed, "paid": paid, "shipped": shipped}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ([], ["placed", "paid", "shipped"]),
        ([equals("customer_id", "maria")], ["placed", "shipped"]),
        ([equals("customer_id", "mari")], []),
        ([equals("customer_id", "john"), equals("status", OrderStatus.PLACED)], []),
        ([equals("status", OrderStatus.PAID)], ["paid"]),
        ([one_of("status", [OrderStatus.PAID, OrderStatus.SHIPPED])], ["paid", "shipped"]),
        ([one_of("status", [])], []),
        ([equals("placed_at", NOON)], ["paid"]),
        ([equals("placed_at", NOON.astimezone(timezone(timedelta(hours=2))))], ["paid"]),
        ([one_of("placed_at", [EARLIER, LATER])], ["placed", "shipped"]),
        ([at_least("placed_at", NOON)], ["paid", "shipped"]),
        ([below("placed_at", NOON)], ["placed"]),
        ([at_least("placed_at", NOON), below("placed_at", LATER)], ["paid"]),
        ([equals("shipping_address.city", "Halle")], ["paid"]),
        ([one_of("shipping_address.city", ["Halle", "Leipzig"])], ["paid", "shipped"]),
        ([at_least("shipping_address.city", "Halle")], ["paid", "shipped"]),
        ([below("shipping_address.city", "Halle")], ["placed"]),
        ([equals("shipping_address", an_address(city="Halle"))], ["paid"]),
        ([equals("payment_reference", None)], ["placed"]),
        ([at_least("payment_reference", "payment-2")], ["shipped"]),
        ([below("payment_reference", "payment-2")], ["paid"]),
        ([one_of("payment_reference", [None, "payment-1"])], ["placed", "paid"]),
        ([equals("shipment.carrier", "DHL")], ["shipped"]),
        ([equals("shipment", Shipment(carrier="DHL", tracking_code="JD01"))], ["shipped"]),
    ],
)
def test_criteria_choose_orders(
    orders: Repository[Order], criteria: list[Criterion], expected: list[str]
) -> None:
    examples = three_orders()
    added(orders, *examples.values())
    names = {order.id: name for name, order in examples.items()}
    found = [names[each] for each in ids_of(orders, *criteria, order=["placed_at"])]
    assert found == expected
    assert [names[each.id] for each in orders.stream(*criteria, order=["placed_at"])] == expected


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (equals("price.amount", Decimal("9.5")), ["9.50"]),
        (one_of("price.amount", [Decimal("9.50"), Decimal(100)]), ["9.50", "100.00"]),
        (at_least("price.amount", Decimal("9.50")), ["9.50", "10.00", "100.00"]),
        (below("price.amount", Decimal("10.00")), ["9.50"]),
        (equals("price", euros("10.00")), ["10.00"]),
        (at_least("price", euros("10.00")), ["10.00", "100.00"]),
    ],
)
def test_decimals_compare_as_numbers(
    products: Repository[Product], criterion: Criterion, expected: list[str]
) -> None:
    added(
        products, *(a_product(each.replace(".", "-"), each) for each in ("100.00", "9.50", "10.00"))
    )
    found = products.find(criterion, order=["price.amount"]).items
    assert [str(each.price.amount) for each in found] == expected


def test_a_repeated_attribute_meets_a_criterion_with_any_of_its_values(
    orders: Repository[Order],
) -> None:
    order = AnOrder(lines=3).order
    added(orders, order, AnOrder(lines=2).order)
    assert ids_of(orders, equals("lines.product_id", order.lines[1].product_id)) == [order.id]
    assert ids_of(orders, equals("lines", order.lines[2])) == [order.id]
    assert ids_of(orders, at_least("lines.quantity", 2)) == []


def test_an_id_can_be_asked_for(orders: Repository[Order]) -> None:
    first, second, third = sorted(added(orders, *(AnOrder().order for _ in range(3))))
    assert ids_of(orders, equals("id", second)) == [second]
    assert ids_of(orders, one_of("id", [third, first, "nobody's"])) == [first, third]
    assert ids_of(orders, at_least("id", second)) == [second, third]
    assert ids_of(orders, below("id", second)) == [first]


@pytest.mark.parametrize(
    "name",
    ["colour", "shipping_address.planet", "customer_id.length", "_id", "version", "$where", ""],
)
def test_an_attribute_that_there_is_not_is_refused(orders: Repository[Order], name: str) -> None:
    with pytest.raises(ValueError, match="has no attribute"):
        orders.find(equals(name, "blue"))
    with pytest.raises(ValueError, match="has no attribute"):
        orders.find(order=[name])
    with pytest.raises(ValueError, match="has no attribute"):
        list(orders.stream(equals(name, "blue")))


@pytest.mark.parametrize(
    "order",
    [
        ["payment_reference"],
        ["lines"],
        ["shipment"],
        ["shipment.carrier"],
        ["lines.name"],
        ["placed_at", "-customer_id"],
    ],
)
def test_an_order_without_a_place_for_everything_is_refused(
    orders: Repository[Order], order: list[str]
) -> None:
    added(orders, *(AnOrder().order for _ in range(3)))
    with pytest.raises(ValueError, match=r"cannot be sorted by|one direction"):
        orders.find(order=order, limit=1)


# Pages


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_hold_every_order_once_in_order(orders: Repository[Order], sign: str) -> None:
    placed = [an_order_at(NOON + timedelta(hours=hour % 3)) for hour in range(11)]
    added(orders, *placed, AnOrder(customer_id="somebody else").order)
    pages = pages_of(orders, equals("customer_id", "maria"), order=[f"{sign}placed_at"], limit=2)
    seen = [each.id for page in pages for each in page]
    expected = sorted(placed, key=lambda each: (each.placed_at, each.id), reverse=sign == "-")
    assert seen == [each.id for each in expected]


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_can_be_sorted_by_several_attributes(
    products: Repository[Product], sign: str
) -> None:
    registered = [a_product(f"SKU-{each}", f"{each % 2}0.0{each % 3 + 1}") for each in range(12)]
    added(products, *registered)
    pages = pages_of(products, order=[f"{sign}price.amount", f"{sign}id"], limit=5)
    seen = [each.id for page in pages for each in page]
    expected = sorted(registered, key=lambda each: (each.price.amount, each.id))
    assert seen == [each.id for each in (expected[::-1] if sign else expected)]


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_neither_repeat_nor_skip_while_orders_come_and_go(
    orders: Repository[Order], sign: str
) -> None:
    placed = [an_order_at(NOON + timedelta(hours=hour % 3)) for hour in range(24)]
    added(orders, *placed)
    leaving = {each.id for each in placed[::2]}
    seen: list[Order] = []
    for page in pages_of(orders, order=[f"{sign}placed_at"], limit=4):
        seen += page
        # One that was shown goes, often the very one behind which the next page begins; one
        # that may not have been shown goes too; and others come, before and behind.
        for each in (page[-1:] + placed)[:: len(placed)]:
            if each.id in leaving and orders.exists(each.id):
                orders.delete(orders.get(each.id), a_context())
        if len(seen) < 40:
            added(orders, *(an_order_at(NOON + timedelta(hours=hour)) for hour in range(3)))
    ids = [each.id for each in seen]
    staying = {each.id for each in placed} - leaving
    assert len(ids) == len(set(ids))
    assert staying <= set(ids)
    places = [(each.placed_at, each.id) for each in seen]
    assert places == sorted(places, reverse=sign == "-")


def test_a_page_says_whether_there_is_another(orders: Repository[Order]) -> None:
    added(orders, AnOrder().order, AnOrder().order)
    assert orders.find(limit=2).next_cursor is None
    assert orders.find(limit=3).next_cursor is None
    assert orders.find(limit=1).next_cursor is not None
    assert orders.find(equals("customer_id", "nobody")).items == []


def test_a_page_holds_a_hundred_unless_told_otherwise(orders: Repository[Order]) -> None:
    added(orders, *(AnOrder().order for _ in range(101)))
    assert [len(orders.find().items), len(orders.find(limit=LARGEST_PAGE).items)] == [100, 101]


@pytest.mark.parametrize("limit", [-1, 0, LARGEST_PAGE + 1])
def test_a_page_of_an_impossible_size_is_refused(orders: Repository[Order], limit: int) -> None:
    with pytest.raises(ValueError, match=f"1 to {LARGEST_PAGE}"):
        orders.find(limit=limit)


def test_the_size_of_a_page_may_change_on_the_way(orders: Repository[Order]) -> None:
    ids = sorted(added(orders, *(AnOrder().order for _ in range(5))))
    first = orders.find(limit=2)
    rest = orders.find(limit=3, cursor=first.next_cursor)
    assert [each.id for each in first.items + rest.items] == ids
    assert rest.next_cursor is None


def test_a_stream_goes_on_beyond_the_largest_page(orders: Repository[Order]) -> None:
    ids = added(orders, *(AnOrder().order for _ in range(LARGEST_PAGE + 1)))
    assert [each.id for each in orders.stream()] == sorted(ids)


def test_a_stream_holds_only_some_at_a_time(
    orders: Repository[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = sys.modules[
        next(each for each in type(orders).__mro__ if "find" in vars(each)).__module__
    ]
    monkeypatch.setattr(module, "LARGEST_PAGE", 2)
    ids = sorted(added(orders, *(AnOrder().order for _ in range(5))))
    stream = orders.stream()
    first = next(stream)
    for order in orders.find(one_of("id", ids[2:4]), limit=2).items:
        orders.delete(order, a_context())
    assert [first.id, *(each.id for each in stream)] == [*ids[:2], ids[4]]


@pytest.mark.usefixtures("taking_turns")
def test_reading_goes_on_while_others_write(orders: Repository[Order]) -> None:
    added(orders, *(AnOrder().order for _ in range(20)))

    def work(number: int) -> list[str]:
        if number % 2:
            return added(orders, *(AnOrder().order for _ in range(20)))
        return [each.id for page in pages_of(orders, limit=7) for each in page]

    for seen in at_once(4, work)[::2]:
        assert len(seen) == len(set(seen)) >= 20


# Cursors


def asked(**differently: Any) -> dict[str, Any]:  # noqa: ANN401 - arguments of find
    return {"criteria": [equals("customer_id", "maria")], "order": ["placed_at"]} | differently


@pytest.mark.parametrize(
    "question",
    [
        asked(criteria=[]),
        asked(criteria=[equals("customer_id", "john")]),
        asked(criteria=[one_of("customer_id", ["maria"])]),
        asked(criteria=[equals("payment_reference", "maria")]),
        asked(criteria=[equals("customer_id", "maria"), below("placed_at", LATER)]),
        asked(order=[]),
        asked(order=["-placed_at"]),
        asked(order=["placed_at", "customer_id"]),
    ],
)
def test_a_cursor_of_another_question_is_refused(
    orders: Repository[Order], question: dict[str, Any]
) -> None:
    added(orders, AnOrder().order, AnOrder().order)
    cursor = orders.find(equals("customer_id", "maria"), order=["placed_at"], limit=1).next_cursor
    with pytest.raises(InvalidValue) as refusal:
        orders.find(*question["criteria"], order=question["order"], cursor=cursor)
    assert refusal.value.field == "cursor"


def test_a_cursor_of_other_aggregates_is_refused(store: Store) -> None:
    added(store.orders, AnOrder().order, AnOrder().order)
    with pytest.raises(InvalidValue) as refusal:
        store.products.find(cursor=store.orders.find(limit=1).next_cursor)
    assert refusal.value.field == "cursor"


def test_a_changed_cursor_is_refused_wherever_it_was_changed(orders: Repository[Order]) -> None:
    added(orders, AnOrder().order, AnOrder().order)
    cursor = orders.find(limit=1).next_cursor
    assert cursor is not None
    changed = [
        cursor[:place] + ("B" if cursor[place] == "A" else "A") + cursor[place + 1 :]
        for place in range(len(cursor) - 1)
    ]
    for forged in [*changed, cursor[:-4], cursor[4:], cursor + cursor, "", "A", "kéy", "{}"]:
        with pytest.raises(InvalidValue) as refusal:
            orders.find(cursor=forged)
        assert refusal.value.field == "cursor"


# Whatever is valid comes back equal.

MOST_MINOR_DIGITS = 3
TEXT = st.characters(categories=["L", "M", "N", "P", "S"], include_characters=" ")
CURRENCIES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
PROPERTY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(TEXT, min_size=1, max_size=longest).filter(str.strip)


@st.composite
def amounts(draw: st.DrawFn, currency: str, digits: int = 12, least: int = 0) -> Money:
    """Draw money with at most so many digits before the point."""
    places = CURRENCIES[currency]
    minor = draw(st.integers(least, 10 ** (digits + places) - 1))
    return Money(amount=Decimal(minor).scaleb(-places), currency=currency)


def addresses() -> st.SearchStrategy[Address]:
    parts = {name: texts(longest) for name, longest in LONGEST.items()}
    return st.builds(Address, **parts, country=st.from_regex(r"[A-Z]{2}", fullmatch=True))


def moments() -> st.SearchStrategy[datetime]:
    zones = st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
    days = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - zones follow
    return days.map(lambda each: each.replace(microsecond=each.microsecond // 1000 * 1000))


@st.composite
def order_lines(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Draw lines whose total still is an amount of money."""
    line = st.builds(
        OrderLine,
        product_id=st.uuids().map(str),
        name=texts(200),
        quantity=st.integers(1, LARGEST_QUANTITY),
        unit_price=amounts(draw(st.sampled_from(sorted(CURRENCIES))), digits=8),
    )
    return tuple(draw(st.lists(line, min_size=1, max_size=5)))


Step = Callable[[Order], None]


@st.composite
def lives(draw: st.DrawFn) -> list[Step]:
    """Draw the commands of an order's life, up to some point."""
    reference, reason, address = draw(texts(200)), draw(texts(200)), draw(addresses())
    shipment = draw(st.builds(Shipment, carrier=texts(200), tracking_code=texts(200)))
    moment = draw(moments())
    pay: Step = lambda order: order.pay(reference, at=moment)  # noqa: E731 - one of many
    ship: Step = lambda order: order.ship(shipment, at=moment)  # noqa: E731 - the same
    deliver: Step = lambda order: order.deliver(at=moment)  # noqa: E731 - the same
    cancel: Step = lambda order: order.cancel(reason, at=moment)  # noqa: E731 - the same
    move: Step = lambda order: order.change_shipping_address(address, at=moment)  # noqa: E731 - the same
    ways = [[pay, move, ship, deliver], [move, pay, cancel], [move, cancel]]
    way = draw(st.sampled_from(ways))
    return way[: draw(st.integers(0, len(way)))]


@st.composite
def new_orders(draw: st.DrawFn) -> Order:
    return Order.place(
        order_id=new_id(),
        customer_id=draw(texts(200)),
        lines=draw(order_lines()),
        shipping_address=draw(addresses()),
        at=draw(moments()),
    )


@PROPERTY
@given(order=new_orders(), life=lives(), saved_from=st.integers(0, 4))
def test_every_order_comes_back_equal(
    orders: Repository[Order], order: Order, life: list[Step], saved_from: int
) -> None:
    for step in life[:saved_from]:
        step(order)
    orders.add(order, a_context())
    for step in life[saved_from:]:
        change(orders, order.id, a_context(), step)
        step(order)
        order.version, order.sequence = order.version + 1, order.sequence + 1
        order.recorded.clear()
    found = orders.get(order.id)
    assert state_of(found) == state_of(order)
    assert [str(each.unit_price) for each in found.lines] == [
        str(each.unit_price) for each in order.lines
    ]
    (listed,) = orders.find(equals("id", order.id)).items
    assert state_of(listed) == state_of(order)


@st.composite
def new_products(draw: st.DrawFn) -> Product:
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    return Product.register(
        product_id=new_id(),
        sku=draw(st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,39}", fullmatch=True)),
        name=draw(texts(200)),
        price=draw(amounts(currency, least=1)),
        at=draw(moments()),
    )


@PROPERTY
@given(product=new_products(), minor=st.integers(1, 10**15 - 1))
def test_every_product_comes_back_equal(
    products: Repository[Product], product: Product, minor: int
) -> None:
    products.add(product, a_context())
    assert state_of(products.get(product.id)) == state_of(product)
    assert str(products.get(product.id).price) == str(product.price)
    places = CURRENCIES[product.price.currency]
    whole = Decimal(minor).scaleb(-MOST_MINOR_DIGITS).quantize(Decimal(1).scaleb(-places))
    if 0 < whole < 10**12:
        price = Money(amount=whole, currency=product.price.currency)
        product.change_price(price, at=NOON)
        products.save(product, a_context())
        assert state_of(products.get(product.id)) == state_of(product)
    products.delete(product, a_context())


# Few values, so that ties and equal bounds are common.
PRICES = st.sampled_from(["0.05", "0.50", "5.00", "10.00", "50.00"])
VALUES = PRICES.map(Decimal)
CRITERIA = st.one_of(
    st.builds(
        Criterion,
        st.just("price.amount"),
        st.sampled_from([Operator.EQUALS, Operator.AT_LEAST, Operator.BELOW]),
        VALUES,
    ),
    st.builds(one_of, st.just("price.amount"), st.lists(VALUES, max_size=3)),
)
MEETS: dict[Operator, Callable[[Decimal, Any], bool]] = {
    Operator.EQUALS: lambda amount, wanted: amount == wanted,
    Operator.ONE_OF: lambda amount, wanted: amount in wanted,
    Operator.AT_LEAST: lambda amount, wanted: amount >= wanted,
    Operator.BELOW: lambda amount, wanted: amount < wanted,
}


@PROPERTY
@given(
    prices=st.lists(PRICES, max_size=8),
    criteria=st.lists(CRITERIA, max_size=3),
    sign=st.sampled_from(["", "-"]),
    limit=st.integers(1, 4),
)
def test_pages_hold_what_a_plain_filter_and_sort_would(
    products: Repository[Product],
    prices: list[str],
    criteria: list[Criterion],
    sign: str,
    limit: int,
) -> None:
    registered = [a_product(f"SKU-{number}", price) for number, price in enumerate(prices)]
    added(products, *registered)
    wanted = [
        (each.price.amount, each.id)
        for each in registered
        if all(MEETS[one.operator](each.price.amount, one.value) for one in criteria)
    ]
    pages = pages_of(products, *criteria, order=[f"{sign}price.amount"], limit=limit)
    found = [(each.price.amount, each.id) for page in pages for each in page]
    assert found == sorted(wanted, reverse=sign == "-")
    for each in registered:
        products.delete(each, a_context())
