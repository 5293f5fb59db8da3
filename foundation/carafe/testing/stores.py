"""Repositories over every kind of store, and what tests do with them."""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import DomainError
from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.criteria import Criterion
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.outbox.outbox import Envelope, Outbox, envelope_of
from carafe.infrastructure.references import resolve
from carafe.infrastructure.service import Service

from .clock import AdvanceableClock
from .contexts import a_context

A = TypeVar("A", bound=AggregateRoot)
R = TypeVar("R")

CURSORS = Cursors("only the tests know this")


class Nudged:
    """Remembers nudges instead of sending them.

    Attributes:
        nudges: collection and id, for pending events.
        timers: collection, id and when the timer calls.
    """

    def __init__(self) -> None:
        self.nudges: list[tuple[str, str]] = []
        self.timers: list[tuple[str, str, datetime]] = []

    def __call__(self, collection: str, identifier: str, due: datetime | None = None, /) -> None:
        """Remember a nudge."""
        if due is None:
            self.nudges.append((collection, identifier))
        else:
            self.timers.append((collection, identifier, due))


@dataclass
class Store(Generic[A]):
    """A repository over some store, and a look at what waits in its outbox.

    Attributes:
        repository: what is tested.
        pending: returns the events and commands that wait, of an aggregate that may be deleted.
        nudged: what the repository nudged.
        clock: the repository's; None if a test cannot set it.
    """

    repository: Repository[A]
    pending: Callable[[str], list[Envelope]]
    nudged: Nudged
    clock: AdvanceableClock | None = None

    def events(self, identifier: str) -> list[Envelope]:
        """Return the events that wait."""
        return [each for each in self.pending(identifier) if "sequence" in each]

    def sequences(self, identifier: str) -> list[int]:
        """Return the numbers of the events that wait."""
        return [event["sequence"] for event in self.events(identifier)]


def in_memory(aggregate: type[A], service: Service[Any], nudged: Nudged | None = None) -> Store[A]:
    """Return a repository in the memory of this process, whose events a service publishes."""
    kind: type[MemoryRepository[A]] = type(
        f"{aggregate.__name__}InMemory", (MemoryRepository,), {"aggregate": aggregate}
    )
    nudged, clock = nudged or Nudged(), AdvanceableClock()
    outbox = Outbox(service.name, service.published, sent=service.sent, clock=clock)
    repository = kind(outbox, nudged, CURSORS, clock)
    return Store(repository, repository.pending, nudged, clock)


def in_mongo(
    aggregate: type[A], container: Container[Any], nudged: Nudged | None = None
) -> Store[A]:
    """Return the repository that a service declares, on its database."""
    nudged, clock = nudged or Nudged(), AdvanceableClock()
    kind = resolve(container.service.repositories[aggregate])
    repository: Repository[A] = kind(container.database, container.outbox, nudged, CURSORS, clock)
    collection = container.database[collection_of(aggregate)]

    def pending(identifier: str) -> list[Envelope]:
        document = collection.find_one({"_id": identifier})
        return [envelope_of(each) for each in document["pending"]] if document else []

    return Store(repository, pending, nudged, clock)


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
    """Return everything that an aggregate consists of; entities by theirs, as they equal nobody.

    Of timers only what was set: the rest is noted by the commit.
    """
    parts = {
        field.name: parts_of(getattr(aggregate, field.name))
        for field in dataclasses.fields(aggregate)
        if field.name != "has_changed_timers"
    }
    timers = sorted(aggregate.timers, key=lambda timer: timer.id)
    return parts | {"timers": [(each.id, each.due, each.recurrence) for each in timers]}


def parts_of(value: object) -> object:
    """Return everything that a value of the domain consists of, the entities in it included."""
    if dataclasses.is_dataclass(value):
        fields = [each.name for each in dataclasses.fields(value)]
        return type(value).__name__, {name: parts_of(getattr(value, name)) for name in fields}
    return [parts_of(each) for each in value] if isinstance(value, (list, tuple)) else value


def added(repository: Repository[A], *aggregates: A) -> list[str]:
    """Add aggregates, and return their ids."""
    for each in aggregates:
        repository.add(each, a_context())
    return [each.id for each in aggregates]


def ids_of(repository: Repository[A], *criteria: Criterion, order: Sequence[str] = ()) -> list[str]:
    """Return the ids of what criteria choose."""
    return [each.id for each in repository.find(*criteria, order=order).items]


def pages_of(
    repository: Repository[A], *criteria: Criterion, order: Sequence[str] = (), limit: int
) -> Iterator[list[A]]:
    """Yield page after page; fail when they do not end."""
    cursor = None
    for _ in range(100):
        page = repository.find(*criteria, order=order, limit=limit, cursor=cursor)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return
    pytest.fail("the pages do not end")
