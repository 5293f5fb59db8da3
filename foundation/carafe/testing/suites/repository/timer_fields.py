"""What the documents of MongoDB keep of timers: the sweep goes by it."""

from typing import Any, TypeVar

import pytest
from pymongo.collection import Collection
from pymongo.errors import WriteError

from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.recurrence import Recurrence
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.database.mongo.timer_store import MongoTimerStore
from carafe.infrastructure.database.mongo.unit_of_work import UnitOfWork, in_one_transaction
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.timers.grace import NUDGE_GRACE
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store

from .timer_case import LATER, SOON, Bell, TimerCase, ring

A = TypeVar("A", bound=AggregateRoot)

Documents = Collection[dict[str, Any]]

FIELDS = ("timers", "next_due", "claimed_until", "timers_parked_since")


class TimerFields(TimerCase[A]):
    """The fields of timers hold what the sweep needs, and nothing that is over."""

    @pytest.fixture
    def documents(self, class_container: Container[Any]) -> Documents:
        """The collection of the aggregates."""
        return class_container.database[collection_of(self.aggregate)]

    def test_a_document_says_when_its_first_timer_calls(
        self, store: Store[A], documents: Documents
    ) -> None:
        aggregate = self.without_timers()
        later, first = ring(aggregate, 2 * LATER, "later"), ring(aggregate, LATER)
        store.repository.add(aggregate, a_context())
        fields = _fields(documents, aggregate)
        assert fields.keys() == {"timers", "next_due"}
        assert fields["next_due"] == first.due
        assert {each["id"]: each["due"] for each in fields["timers"]} == {
            "bell": first.due,
            "bell:later": later.due,
        }

    def test_a_document_is_claimed_while_the_nudge_of_its_commit_is_under_way(
        self, store: Store[A], documents: Documents
    ) -> None:
        aggregate = self.kept_with_timers(store, "")
        first = ring(aggregate, SOON / 2)
        store.repository.save(aggregate, a_context())
        fields = _fields(documents, aggregate)
        assert (fields["next_due"], fields["claimed_until"]) == (first.due, first.due + NUDGE_GRACE)
        ring(aggregate, LATER)
        store.repository.save(aggregate, a_context())
        assert "claimed_until" not in _fields(documents, aggregate), "no nudge was sent"

    def test_without_timers_a_document_has_none_of_the_fields(
        self, store: Store[A], documents: Documents
    ) -> None:
        cancelled = self.kept_with_timers(store, "")
        cancelled.cancel_timer(Bell)
        store.repository.save(cancelled, a_context())
        never = self.kept_with_timers(store)
        deleted = self.kept_with_timers(store, "a", "b")
        store.repository.delete(deleted, a_context())
        for each in (cancelled, never, deleted):
            assert _fields(documents, each) == {}

    def test_a_save_of_something_else_keeps_what_others_have_noted(
        self, store: Store[A], documents: Documents
    ) -> None:
        """A failure, a claim, and what a later version may add."""
        aggregate = self.kept_with_timers(store, "")
        noted = {
            "timers.0.failures": 2,
            "timers.0.again_at": now() + LATER,
            "timers.0.later": True,
            "next_due": now() + LATER,
            "claimed_until": now() + 2 * LATER,
            "timers_parked_since": now(),
        }
        documents.update_one({"_id": aggregate.id}, {"$set": noted})
        before = _fields(documents, aggregate)
        store.repository.save(store.repository.get(aggregate.id), a_context())
        store.repository.save(store.repository.get(aggregate.id), a_context())
        assert _fields(documents, aggregate) == before

    def test_the_tombstone_of_an_aggregate_with_timers_drains(
        self, store: Store[A], documents: Documents
    ) -> None:
        aggregate = self.kept_with_timers(store, "")
        store.repository.delete(aggregate, a_context())
        pending = _document(documents, aggregate)["pending"]
        if not pending:
            pytest.skip("an_aggregate() has recorded no event")
        MongoOutboxStore(documents).remove({aggregate.id: [each["id"] for each in pending]})
        document = _document(documents, aggregate)
        assert (document["pending"], "expires_at" in document) == ([], True)

    def test_within_a_transaction_a_nudge_waits_for_the_commit(
        self, store: Store[A], class_container: Container[Any]
    ) -> None:
        repository = class_container.repository(self.aggregate)
        aggregate = self.without_timers()
        due = ring(aggregate, SOON).due

        def work(unit: UnitOfWork) -> None:
            unit.within(repository).add(aggregate, a_context())
            assert store.nudged.timers == []

        in_one_transaction(class_container.database.client, store.nudged, work)
        assert store.nudged.timers == [(repository.collection.name, aggregate.id, due)]

    def test_everything_that_is_noted_of_timers_can_be_stored(
        self, store: Store[A], documents: Documents
    ) -> None:
        aggregate = self.without_timers()
        ring(aggregate, Recurrence(cron="0 8 * * MON", zone="Europe/Berlin"))
        store.repository.add(aggregate, a_context())
        parking = {"at": now(), "code": "broken", "detail": ""}
        noted = {
            "timers.0.failures": 3,
            "timers.0.again_at": now(),
            "timers.0.parking": parking,
            "timers_parked_since": now(),
        }
        documents.update_one({"_id": aggregate.id}, {"$set": noted})
        (found,) = MongoTimerStore(documents).with_timers([aggregate.id])
        assert found.timers == store.repository.get(aggregate.id).timers
        assert found.timers[0].parking is not None

    @pytest.mark.parametrize(
        "damage",
        [{"timers.0.due": "tomorrow"}, {"next_due": "tomorrow"}, {"timers": [{"id": "bell"}]}],
    )
    def test_the_database_refuses_timers_that_the_sweep_could_not_read(
        self, store: Store[A], documents: Documents, damage: dict[str, object]
    ) -> None:
        aggregate = self.kept_with_timers(store, "")
        with pytest.raises(WriteError, match="validation"):
            documents.update_one({"_id": aggregate.id}, {"$set": damage})


def _fields(documents: Documents, aggregate: AggregateRoot) -> dict[str, Any]:
    document = _document(documents, aggregate)
    return {name: document[name] for name in FIELDS if name in document}


def _document(documents: Documents, aggregate: AggregateRoot) -> dict[str, Any]:
    document = documents.find_one({"_id": aggregate.id})
    assert document is not None
    return document
