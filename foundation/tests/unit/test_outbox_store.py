"""What waits in the outboxes of a collection: what is found of it, in which order, and how much."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import WriteError

from carafe.infrastructure.database.mongo import outbox_store
from carafe.infrastructure.database.mongo.outbox_store import (
    EVENTS_A_ROUND,
    PARKED_SINCE,
    MongoOutboxStore,
    WaitingEntries,
)
from carafe.infrastructure.outbox.store import PendingDocument
from carafe.testing.examples import NOON
from tests.support.observed_collection import ObservedCollection, raising

GRACE = 60.0
MOMENT = timedelta(milliseconds=1)
INVALID = 121


def after_noon(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def entries(count: int) -> list[dict[str, Any]]:
    return [{"id": f"e-{each}", "sequence": each} for each in range(1, count + 1)]


class Orders(ObservedCollection):
    """A collection whose aggregations give what a test wants.

    Attributes:
        rows: of the next aggregation.
        stages: of the last one.
    """

    def __init__(self) -> None:
        super().__init__("orders")
        self.rows: list[dict[str, Any]] = []
        self.stages: list[dict[str, Any]] = []
        self.outbox = MongoOutboxStore(self)  # type: ignore[arg-type]

    def aggregate(self, stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self.stages = stages
        return self.rows

    def put(self, identifier: str, since: datetime | None = NOON, events: int = 1) -> None:
        """Store a document with events that wait; without a mark if it waits since never."""
        mark = {} if since is None else {"pending_since": since}
        self.insert_one({"_id": identifier, "other": 7, "pending": entries(events), **mark})

    def since(self, identifier: str) -> datetime | None:
        return self.document(identifier).get("pending_since")


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> Orders:
    """An empty collection, at noon."""
    monkeypatch.setattr(outbox_store, "now", lambda: NOON)
    return Orders()


def ids(documents: list[PendingDocument]) -> list[str]:
    return [each.id for each in documents]


@pytest.mark.parametrize("more", [-1, 0, 1, 50])
def test_a_round_has_so_many_events_and_says_whether_that_is_all(orders: Orders, more: int) -> None:
    orders.put("a", events=EVENTS_A_ROUND + more)
    orders.notes.clear()
    (document,) = orders.outbox.pending(["a"])
    assert document.events == entries(EVENTS_A_ROUND + more)[:EVENTS_A_ROUND]
    assert document.complete is (more <= 0)
    found = document.collection, document.id, document.pending_since
    assert found == ("orders", "a", NOON)
    assert orders.notes.loaded == {"_id", "pending", "pending_since"}


def test_of_those_that_are_asked_for_the_ones_that_wait_are_found(orders: Orders) -> None:
    for identifier, since in [("d", after_noon(1)), ("c", NOON), ("b", NOON), ("a", after_noon(2))]:
        orders.put(identifier, since)
    orders.put("unmarked", None)
    orders.put("parked", PARKED_SINCE)
    asked = ["a", "b", "c", "d", "unmarked", "parked", "nobody's"]
    orders.notes.clear()
    assert ids(orders.outbox.pending(asked)) == ["b", "c", "d", "a"]
    (call,) = orders.notes.calls
    assert call.options["limit"] == len(asked)
    assert ids(orders.outbox.pending(["d"])) == ["d"]


def test_a_mark_without_events_is_taken_away(orders: Orders) -> None:
    orders.put("a", events=0)
    orders.put("b")
    assert ids(orders.outbox.pending(["a", "b"])) == ["b"]
    assert (orders.since("a"), orders.since("b")) == (None, NOON)
    orders.notes.clear()
    assert ids(orders.outbox.pending(["b"])) == ["b"]
    assert orders.notes.names == ["find"]


@pytest.mark.parametrize(
    ("since", "is_overdue"),
    [
        (after_noon(-GRACE) - MOMENT, True),
        (after_noon(-GRACE), False),
        (NOON, False),
        (after_noon(GRACE), False),
        (after_noon(GRACE) + MOMENT, True),
        (PARKED_SINCE - MOMENT, True),
        (PARKED_SINCE, False),
    ],
)
def test_after_a_grace_it_is_overdue_by_whatever_clock(
    orders: Orders, since: datetime, *, is_overdue: bool
) -> None:
    orders.put("a", since)
    assert ids(orders.outbox.overdue(GRACE, 10, None)) == (["a"] if is_overdue else [])


def batches(orders: Orders, limit: int) -> Iterator[list[str]]:
    """Yield the ids of what is overdue, batch by batch."""
    after = None
    while documents := orders.outbox.overdue(GRACE, limit, after):
        yield ids(documents)
        after = documents[-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_what_is_overdue_comes_once_the_oldest_first(orders: Orders, limit: int) -> None:
    expected = [("f", -300.0), ("c", -200.0), ("d", -200.0), ("e", -200.0), ("b", 100.0)]
    expected += [("a", 200.0)]
    for identifier, seconds in reversed(expected):
        orders.put(identifier, after_noon(seconds))
    orders.put("fresh", NOON)
    found = list(batches(orders, limit))
    assert [each for batch in found for each in batch] == [each for each, _ in expected]
    assert {len(batch) for batch in found[:-1]} <= {limit}


def test_a_sweep_loads_no_more_events_than_so_many(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_store, "MOST_EVENTS_SWEPT", 4)
    for number, events in enumerate([3, 1, 3, 2, 1]):
        orders.put(f"o-{number}", after_noon(-300 + number), events)
    assert list(batches(orders, 10)) == [["o-0", "o-1"], ["o-2", "o-3"], ["o-4"]]
    assert len(orders.outbox.pending([f"o-{each}" for each in range(5)])) == 5


@pytest.mark.parametrize("limit", [1, 2])
def test_marks_without_events_hide_nothing_behind_them(orders: Orders, limit: int) -> None:
    for number, events in enumerate([1, 0, 0, 0, 0, 1]):
        orders.put(f"o-{number}", after_noon(-300 + number), events)
    assert [each for batch in batches(orders, limit) for each in batch] == ["o-0", "o-5"]
    assert [orders.since(f"o-{each}") for each in range(1, 5)] == [None] * 4


def test_the_longest_wait_is_that_of_one_that_is_not_parked(orders: Orders) -> None:
    assert orders.outbox.oldest_pending_since() is None
    orders.put("a", PARKED_SINCE)
    orders.put("b", None)
    assert orders.outbox.oldest_pending_since() is None
    orders.put("c", after_noon(2))
    orders.put("d", after_noon(1))
    orders.put("e", after_noon(3))
    orders.notes.clear()
    assert orders.outbox.oldest_pending_since() == after_noon(1)
    assert orders.notes.loaded == {"_id", "pending_since"}
    # So that the index of the sweep answers it.
    assert orders.notes.calls[0].options["sort"] == [("pending_since", 1), ("_id", 1)]


def test_what_is_parked_waits_for_a_person(orders: Orders) -> None:
    for each in ("c", "b", "a"):
        orders.put(each)
    orders.put("unmarked", None)
    for each in ("c", "a", "unmarked", "nobody's"):
        orders.outbox.park(each)
    orders.notes.clear()
    assert orders.outbox.parked() == ["a", "c"]
    assert orders.notes.loaded == {"_id"}
    assert orders.since("a") == datetime(9999, 1, 1, tzinfo=UTC)
    assert orders.since("unmarked") is None
    assert orders.outbox.waiting() == 1
    for each in ("a", "b", "unmarked"):
        orders.outbox.take_up(each)
    assert orders.outbox.parked() == ["c"]
    assert (orders.since("a"), orders.since("b")) == (NOON, NOON)
    assert orders.since("unmarked") is None
    assert orders.outbox.waiting() == 2


def test_what_waits_is_not_taken_up(orders: Orders) -> None:
    orders.put("a", after_noon(-5))
    orders.outbox.take_up("a")
    assert orders.since("a") == after_noon(-5)


def test_an_invalid_document_cannot_be_parked_and_stops_nobody(
    orders: Orders, caplog: pytest.LogCaptureFixture
) -> None:
    orders.put("a")
    orders.before("update_one", raising(WriteError("invalid", INVALID)))
    orders.outbox.park("a")
    assert orders.since("a") == NOON
    assert [each.levelname for each in caplog.records] == ["ERROR"]


def test_entries_are_counted_by_where_they_go(orders: Orders) -> None:
    counts = {"events": 5, "commands": 3, "queue": 4, "pigeons": 2, "drums": 7}
    orders.rows = [{"_id": name, "count": count} for name, count in counts.items()]
    assert orders.outbox.waiting_entries() == WaitingEntries(events=5, commands=7, unknown=9)
    assert orders.stages == [
        {"$match": {"pending_since": {"$lt": PARKED_SINCE}}},
        {"$limit": 10_000},
        {"$unwind": "$pending"},
        {"$group": {"_id": {"$ifNull": ["$pending.to", "events"]}, "count": {"$sum": 1}}},
    ]
    orders.rows = []
    assert orders.outbox.waiting_entries() == WaitingEntries(0, 0, 0)
