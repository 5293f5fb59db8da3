"""Repositories over every kind of store, and what tests do with them."""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from chalicelib.contracts.base import CommandResult
from chalicelib.domain.errors import DomainError
from chalicelib.domain.model import AggregateRoot
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import Container
from chalicelib.infrastructure.cqrs.outbox import Envelope, Outbox
from chalicelib.infrastructure.database.criteria import Criterion
from chalicelib.infrastructure.database.cursors import Cursors
from chalicelib.infrastructure.database.memory.memory_repository import MemoryRepository
from chalicelib.infrastructure.database.mongo.order_repository import OrderRepository
from chalicelib.infrastructure.database.mongo.product_repository import ProductRepository
from chalicelib.infrastructure.database.repository import Repository
from tests.support.examples import a_context

A = TypeVar("A", bound=AggregateRoot)
R = TypeVar("R")


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


def at_once(count: int, work: Callable[[int], R]) -> list[R]:
    """Do some work in so many threads, all let go at the same moment."""
    start = threading.Barrier(count)

    def waiting(number: int) -> R:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(waiting, range(count)))


def outcome_of_one(commits: Sequence[Callable[[], CommandResult]], number: int) -> str:
    """Return the code with which a commit was refused, or that it won."""
    try:
        commits[number]()
    except DomainError as refusal:
        return refusal.code
    return "won"


def state_of(aggregate: AggregateRoot) -> dict[str, Any]:
    return {field.name: getattr(aggregate, field.name) for field in dataclasses.fields(aggregate)}


def added(repository: Repository[A], *aggregates: A) -> list[str]:
    for each in aggregates:
        repository.add(each, a_context())
    return [each.id for each in aggregates]


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
