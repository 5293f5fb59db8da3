"""Which of its commands a document forgets, and when nothing is forgotten."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.client_session import ClientSession
from pymongo.errors import AutoReconnect, OperationFailure

from carafe.infrastructure.database.bookkeeping import (
    HANDLED_FOR,
    LEAST_HANDLED,
    MOST_HANDLED,
    is_forgotten,
)
from carafe.infrastructure.database.mongo.writes import forget_handled
from carafe.infrastructure.errors import StoreUnavailable
from carafe.testing.examples import NOON
from tests.support.observed_collection import ObservedCollection, raising

SESSION: Any = object()
"""Stands for a transaction."""

LATEST = MOST_HANDLED + LEAST_HANDLED
"""The version of the document."""


def a_document(at: datetime) -> ObservedCollection:
    """Return a collection with a document whose commands were all handled at some time."""
    collection = ObservedCollection("orders")
    handled = [
        {"id": f"c-{each}", "version": each, "at": at - timedelta(seconds=LATEST - each)}
        for each in range(1, LATEST + 1)
    ]
    collection.insert_one({"_id": "o-1", "version": LATEST, "handled": handled})
    collection.notes.clear()
    return collection


def forget(
    collection: ObservedCollection, version: int = LATEST, session: ClientSession | None = None
) -> None:
    forget_handled(collection, "o-1", version, NOON, session)  # type: ignore[arg-type]


def remembered(collection: ObservedCollection) -> list[int]:
    return [each["version"] for each in collection.document("o-1")["handled"]]


@pytest.mark.parametrize(
    ("at", "first"),
    [
        (NOON, LATEST - MOST_HANDLED + 1),
        (NOON - HANDLED_FOR + timedelta(seconds=500), LATEST - 500),
        (NOON - 2 * HANDLED_FOR, LATEST - LEAST_HANDLED + 1),
    ],
    ids=["busy", "usual", "idle"],
)
def test_the_creation_and_the_latest_commands_are_remembered(at: datetime, first: int) -> None:
    collection = a_document(at)
    before = collection.document("o-1")["handled"]
    forget(collection)
    assert remembered(collection) == [1, *range(first, LATEST + 1)]
    expected = [each["version"] for each in before if not is_forgotten(each, LATEST, NOON)]
    assert remembered(collection) == expected


def test_commands_are_forgotten_now_and_then_alone() -> None:
    collection = a_document(NOON)
    forget(collection, LATEST - 1)
    forget(collection, LEAST_HANDLED)
    assert collection.notes.calls == []


def test_that_the_store_is_away_does_no_harm_outside_a_transaction() -> None:
    collection = a_document(NOON)
    collection.before("update_one", raising(AutoReconnect("away")))
    forget(collection)
    assert remembered(collection)[:2] == [1, 2]
    collection.before("update_one", raising(AutoReconnect("away")))
    with pytest.raises(StoreUnavailable):
        forget(collection, session=SESSION)


def test_our_own_mistakes_are_told() -> None:
    collection = a_document(NOON)
    collection.before("update_one", raising(OperationFailure("no such operator", 9)))
    with pytest.raises(OperationFailure):
        forget(collection)
