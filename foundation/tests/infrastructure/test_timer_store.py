"""The timers of a collection: found in order, claimed, replaced, by index alone."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from carafe.development.nested import objects_in
from carafe.domain.timers import Parking, parked, postponed
from carafe.infrastructure.database.mongo.timer_store import MongoTimerStore
from carafe.infrastructure.timers.store import DueDocument
from carafe.testing.contexts import a_context
from tests.support.alarms import ALARMS, MINUTE, SECOND, Alarm, Alarms, Ring, Snooze
from tests.support.database import DatabaseCommands
from tests.support.portable_commands import violations_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def documents(count: int, *, at_once: int = 1, prefix: str = "a") -> list[dict[str, Any]]:
    """Return documents whose timers are due in seconds, so many at a time."""
    found = []
    for number in range(count):
        due = NOON + number // at_once * SECOND
        timer = {"id": "ring", "due": due, "version": 1, "correlation_id": "", "causation_id": ""}
        found.append(
            {
                "_id": f"{prefix}-{number:06}",
                "version": 1,
                "schema_version": 1,
                "sequence": 0,
                "rang": [],
                "pending": [],
                "handled": [],
                "timers": [timer],
                "next_due": due,
            }
        )
    return found


def ids(found: list[DueDocument]) -> list[str]:
    return [each.id for each in found]


def pages_of(
    store: MongoTimerStore, until: datetime, at: datetime, limit: int
) -> Iterator[list[DueDocument]]:
    after = None
    while page := store.due_until(until, at, limit, after):
        yield page
        after = page[-1]


# What is due


def test_documents_are_found_in_the_order_in_which_they_are_due(alarms: Alarms) -> None:
    later, first = alarms.add((Ring, 2 * MINUTE), (Snooze, 9 * MINUTE)), alarms.add((Ring, MINUTE))
    alarms.add()
    at = later.timers[0].due
    found = alarms.store.due_until(at, at + MINUTE, 10, None)
    assert found == [
        DueDocument(first.id, first.timers[0].due),
        DueDocument(later.id, later.timers[0].due),
    ]
    assert ids(alarms.store.due_until(at - timedelta(milliseconds=1), at + MINUTE, 10, None)) == [
        first.id
    ]


@pytest.mark.parametrize(("count", "at_once", "page"), [(5_003, 7, 500), (2_000, 2_000, 300)])
def test_thousands_come_page_by_page_even_if_all_are_due_at_once(
    alarms: Alarms, count: int, at_once: int, page: int
) -> None:
    alarms.documents.insert_many(documents(count, at_once=at_once))
    pages = list(pages_of(alarms.store, LAST, NOON, page))
    found = [each for each_page in pages for each in each_page]
    assert ids(found) == [f"a-{number:06}" for number in range(count)]
    assert max(map(len, pages)) == page


def test_a_page_ends_where_it_is_told(alarms: Alarms) -> None:
    alarms.documents.insert_many(documents(20))
    pages = list(pages_of(alarms.store, NOON + 9 * SECOND, NOON, 3))
    assert sum(map(len, pages)) == 10


# Claims


def test_what_is_claimed_is_left_alone_until_then(alarms: Alarms) -> None:
    alarms.documents.insert_many(documents(3))
    store, due = alarms.store, alarms.store.due_until(LAST, NOON, 10, None)
    store.claim({due[0]: NOON + MINUTE, due[1]: NOON + 2 * MINUTE})
    assert ids(store.due_until(LAST, NOON, 10, None)) == ids(due[2:])
    assert ids(store.due_until(LAST, NOON + MINUTE, 10, None)) == ids([due[0], due[2]])
    assert ids(store.due_until(LAST, NOON + 2 * MINUTE, 10, None)) == ids(due)


def test_the_commit_of_a_timer_that_is_due_soon_claims_it(alarms: Alarms) -> None:
    alarm = alarms.add((Ring, MINUTE))
    due = alarm.timers[0].due
    assert alarms.store.due_until(LAST, due + 9 * SECOND, 10, None) == []
    assert ids(alarms.store.due_until(LAST, due + 10 * SECOND, 10, None)) == [alarm.id]


def test_what_was_moved_or_cancelled_before_the_claim_stays_free(alarms: Alarms) -> None:
    moved, cancelled = alarms.add((Ring, 60 * MINUTE)), alarms.add((Ring, 60 * MINUTE))
    due = alarms.store.due_until(LAST, LAST, 10, None)
    alarms.change(moved, lambda alarm: alarm.set_timer(Ring, 50 * MINUTE, at=alarms.clock()))
    alarms.change(cancelled, lambda alarm: alarm.cancel_timer(Ring))
    alarms.store.claim(dict.fromkeys(due, alarms.clock() + 60 * MINUTE))
    assert ids(alarms.store.due_until(LAST, alarms.clock(), 10, None)) == [moved.id]
    assert "claimed_until" not in alarms.document(cancelled)


def test_a_document_that_fits_no_rule_holds_up_no_claim(alarms: Alarms) -> None:
    alarms.documents.insert_many(documents(3))
    alarms.container.database.command("collMod", ALARMS, validationLevel="off")
    alarms.documents.update_one({"_id": "a-000000"}, {"$set": {"nonsense": 1}})
    alarms.container.database.command("collMod", ALARMS, validationLevel="strict")
    due = alarms.store.due_until(LAST, NOON, 10, None)
    alarms.store.claim(dict.fromkeys(due, NOON + MINUTE))
    assert ids(alarms.store.due_until(LAST, NOON, 10, None)) == ["a-000000"]


# Replacing


def test_a_timer_is_replaced_and_the_document_says_when_it_calls(alarms: Alarms) -> None:
    alarm = alarms.add((Ring, MINUTE), (Snooze, 5 * MINUTE))
    (document,) = alarms.store.with_timers([alarm.id])
    ring, snooze = (alarms.timer(alarm, each) for each in (Ring, Snooze))
    again_at = ring.due + 10 * MINUTE
    assert alarms.store.replace(document, postponed(ring, again_at), again_at)
    stored = alarms.document(alarm)
    assert (stored["version"], stored["next_due"]) == (1, again_at)
    assert stored["claimed_until"] == again_at
    (document,) = alarms.store.with_timers([alarm.id])
    parking = Parking(at=again_at, code="broken", detail="in two")
    assert alarms.store.replace(document, parked(alarms.timer(alarm), parking), again_at)
    stored = alarms.document(alarm)
    assert (stored["next_due"], stored["timers_parked_since"]) == (snooze.due, again_at)
    assert alarms.timer(alarm).parking == parking
    assert alarms.timer(alarm, Snooze) == snooze


def test_a_parked_timer_that_is_replaced_is_no_longer_counted(alarms: Alarms) -> None:
    alarm = a_parked_alarm(alarms, NOON)
    (document,) = alarms.store.parked(10, None)
    moved = replace(alarms.timer(alarm), parking=None, failures=0)
    assert alarms.store.replace(document, moved, NOON)
    assert alarms.store.parked_count() == 0
    stored = alarms.document(alarm)
    assert stored["next_due"] == moved.due
    assert "timers_parked_since" not in stored


@pytest.mark.parametrize("meanwhile", ["commit", "failure", "deletion"])
def test_nothing_is_replaced_in_what_changed_meanwhile(alarms: Alarms, meanwhile: str) -> None:
    alarm = alarms.add((Ring, MINUTE), (Snooze, 2 * MINUTE))
    (document,) = alarms.store.with_timers([alarm.id])
    failed = postponed(alarms.timer(alarm), NOON)
    if meanwhile == "commit":
        alarms.change(alarm, lambda found: found.ring("something"))
    elif meanwhile == "failure":
        assert alarms.store.replace(document, failed, NOON)
    else:
        alarms.repository.delete(alarms.get(alarm), a_context())
    before = alarms.document(alarm)
    assert not alarms.store.replace(document, failed, NOON)
    assert alarms.document(alarm) == before


# Parked, oldest


def a_parked_alarm(alarms: Alarms, at: datetime) -> Alarm:
    alarm = alarms.add((Ring, MINUTE))
    (document,) = alarms.store.with_timers([alarm.id])
    parking = Parking(at=at, code="broken", detail="")
    assert alarms.store.replace(document, parked(document.timers[0], parking), NOON)
    return alarm


def test_what_is_parked_is_not_due_and_is_listed_the_oldest_first(alarms: Alarms) -> None:
    second, first = a_parked_alarm(alarms, NOON + SECOND), a_parked_alarm(alarms, NOON)
    tie = a_parked_alarm(alarms, NOON + SECOND)
    assert alarms.store.due_until(LAST, LAST, 10, None) == []
    assert alarms.store.oldest_due() is None
    assert alarms.store.parked_count() == 3
    page = alarms.store.parked(2, None)
    rest = alarms.store.parked(2, page[-1])
    assert [each.id for each in (*page, *rest)] == [first.id, second.id, tie.id]


def test_the_oldest_due_is_the_one_that_has_waited_longest(alarms: Alarms) -> None:
    assert alarms.store.oldest_due() is None
    alarms.documents.insert_many(documents(3))
    assert alarms.store.oldest_due() == NOON


def test_what_older_code_left_on_a_tombstone_never_calls(alarms: Alarms) -> None:
    """Code that knows no timers deletes the state alone."""
    alarm = alarms.add((Ring, SECOND))
    parked_alarm = a_parked_alarm(alarms, NOON)
    alarms.documents.update_many({}, {"$set": {"deleted_at": NOON}, "$unset": {"rang": ""}})
    (document, _) = alarms.documents.find()
    assert document["timers"], "they are still there"
    store = alarms.store
    assert store.with_timers([alarm.id, parked_alarm.id]) == []
    assert store.due_until(LAST, LAST, 10, None) == []
    assert store.waiting(LAST, 10, None) == []
    assert (store.oldest_due(), store.parked_count()) == (None, 0)
    assert store.parked(10, None) == []
    alarms.clock.advance(MINUTE)
    assert alarms.call(alarm)
    assert alarms.calls == []


# Plans


def test_every_query_goes_by_an_index_and_sorts_nothing(alarms: Alarms) -> None:
    alarms.documents.insert_many(documents(300, at_once=3))
    a_parked_alarm(alarms, NOON)
    listener = DatabaseCommands()
    client: MongoClient[dict[str, Any]] = MongoClient(
        alarms.container.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with closing(client):
        database = client[alarms.container.database.name]
        store = MongoTimerStore(database[ALARMS])
        first = store.due_until(LAST, NOON, 10, None)
        store.due_until(LAST, NOON, 10, first[-1])
        store.waiting(LAST, 10, store.waiting(LAST, 10, None)[-1])
        store.parked(10, store.parked(10, None)[-1])
        store.claim(dict.fromkeys(first, NOON))
        store.oldest_due()
        store.parked_count()
        (document,) = store.with_timers([first[0].id])
        store.replace(document, postponed(document.timers[0], NOON), NOON)
        queries = [each for each in listener.commands if {"find", "update", "aggregate"} & {*each}]
        assert len(queries) >= 11
        for each in queries:
            assert list(violations_of(next(iter(each)), each)) == []
            explained = database.command("explain", _explainable(each))
            (plan,) = [
                part["winningPlan"] for part in objects_in(explained) if "winningPlan" in part
            ]
            stages = [part["stage"] for part in objects_in(plan) if "stage" in part]
            assert "IXSCAN" in stages, f"{stages} for {each}"
            assert not {"COLLSCAN", "SORT"} & {*stages}, f"{stages} for {each}"


def test_a_page_examines_what_it_returns_and_no_more(alarms: Alarms) -> None:
    alarms.documents.insert_many(documents(3_000, at_once=100))
    ahead = DueDocument("a-001499", NOON + 14 * SECOND)
    for after in (None, ahead):
        query = {
            "find": ALARMS,
            "filter": _filter_of(alarms, after),
            "sort": {"next_due": 1, "_id": 1},
            "limit": 10,
        }
        explained = alarms.container.database.command("explain", query, verbosity="executionStats")
        assert explained["executionStats"]["totalDocsExamined"] <= 20


def _filter_of(alarms: Alarms, after: DueDocument | None) -> dict[str, Any]:
    """Return the filter by which the store asks for a page."""
    listener = DatabaseCommands()
    client: MongoClient[dict[str, Any]] = MongoClient(
        alarms.container.settings.mongo_uri, event_listeners=[listener], tz_aware=True
    )
    with closing(client):
        store = MongoTimerStore(client[alarms.container.database.name][ALARMS])
        store.due_until(LAST, NOON, 10, after)
    (command,) = [each for each in listener.commands if "find" in each]
    found: dict[str, Any] = command["filter"]
    return found


def _explainable(command: dict[str, Any]) -> dict[str, Any]:
    """Return a command without what belongs to the session that sent it."""
    session = {"lsid", "$db", "$readPreference", "$clusterTime", "txnNumber", "readConcern"}
    kept = {name: value for name, value in command.items() if name not in session}
    if "updates" in kept:
        kept["updates"] = kept["updates"][:1]  # one at a time can be explained
    return kept
