"""The contract of every outbox store."""

from datetime import timedelta
from typing import Any, TypeVar

import pytest

from carafe.domain.model import AggregateRoot, DomainEvent, collection_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.infrastructure.outbox.store import OutboxStore
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once, in_mongo

from .repository.case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)

MANY = 250
ALL = 1_000


class OutboxStoreTests(RepositoryCase[A]):
    """Tests of the outboxes of one aggregate type, by default those in the service's database.

    For another store, override the fixtures `store`, in which aggregates are committed, and
    `outbox`.
    """

    @pytest.fixture
    def store(self, class_container: Container[Any]) -> Store[A]:
        """The empty store in which aggregates are committed."""
        class_container.database[collection_of(self.aggregate)].delete_many({})
        return in_mongo(self.aggregate, class_container)

    @pytest.fixture
    def outbox(self, class_container: Container[Any]) -> OutboxStore:
        """The outboxes that the relay reads."""
        return class_container.outbox_stores[collection_of(self.aggregate)]

    @pytest.fixture(autouse=True)
    def _require_events(self, event: DomainEvent) -> None:
        """Skip the tests of an aggregate without events."""
        self._event = event

    def committed(self, store: Store[A], events: int = 1) -> A:
        """Return a new aggregate with this many pending events."""
        aggregate = self.an_aggregate()
        aggregate.recorded[:] = [self._event] * events
        store.repository.add(aggregate, a_context())
        return aggregate

    def commit(self, store: Store[A], identifier: str, events: int = 1) -> None:
        """Add pending events to an aggregate."""
        aggregate = store.repository.get(identifier)
        aggregate.recorded[:] = [self._event] * events
        store.repository.save(aggregate, a_context())

    def test_what_was_committed_waits_in_its_order(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        before = now()
        aggregate = self.committed(store, events=3)
        (document,) = outbox.pending([aggregate.id])
        assert (document.collection, document.id) == (collection_of(self.aggregate), aggregate.id)
        assert [each["sequence"] for each in document.events] == [1, 2, 3]
        assert [envelope_of(each) for each in document.events] == store.pending(aggregate.id)
        assert document.complete
        assert (
            before - timedelta(seconds=1) <= document.pending_since <= now() + timedelta(seconds=1)
        )

    def test_only_what_is_asked_for_and_waits_is_returned(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        aggregate, _other = self.committed(store), self.committed(store)
        without_events = self.committed(store, events=0)
        ids = [aggregate.id, without_events.id, "nobody's"]
        assert [each.id for each in outbox.pending(ids)] == [aggregate.id]
        assert outbox.pending([]) == []

    def test_those_waiting_longest_come_first_batch_by_batch(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        ids = [self.committed(store).id for _ in range(5)]
        first = outbox.overdue(0, 2, None)
        second = outbox.overdue(0, 2, first[-1])
        third = outbox.overdue(0, 2, second[-1])
        batches = [*first, *second, *third]
        assert [len(first), len(second), len(third)] == [2, 2, 1]
        assert sorted(each.id for each in batches) == sorted(ids)
        assert [(each.pending_since, each.id) for each in batches] == sorted(
            (each.pending_since, each.id) for each in batches
        )
        assert outbox.overdue(0, 2, third[-1]) == []

    def test_what_waits_for_a_moment_is_not_overdue(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        self.committed(store)
        assert outbox.overdue(3_600, ALL, None) == []

    def test_what_is_removed_waits_no_longer(self, store: Store[A], outbox: OutboxStore) -> None:
        aggregate, other = self.committed(store, events=3), self.committed(store)
        (document,) = outbox.pending([aggregate.id])
        event_ids = [each["id"] for each in document.events]
        outbox.remove({aggregate.id: event_ids[:2]})
        assert store.sequences(aggregate.id) == [3]
        outbox.remove({aggregate.id: event_ids[:2], "nobody's": ["nothing"]})
        assert store.sequences(aggregate.id) == [3]
        outbox.remove({aggregate.id: event_ids})
        assert outbox.pending([aggregate.id]) == []
        assert [each.id for each in outbox.overdue(0, ALL, None)] == [other.id]
        assert store.sequences(other.id) == [1]

    def test_what_is_added_meanwhile_stays(self, store: Store[A], outbox: OutboxStore) -> None:
        aggregate = self.committed(store)
        (document,) = outbox.pending([aggregate.id])
        self.commit(store, aggregate.id, events=2)
        outbox.remove({aggregate.id: [each["id"] for each in document.events]})
        (document,) = outbox.pending([aggregate.id])
        assert [each["sequence"] for each in document.events] == [2, 3]

    def test_removing_changes_nothing_else(self, store: Store[A], outbox: OutboxStore) -> None:
        aggregate = self.committed(store)
        before = store.repository.get(aggregate.id)
        (document,) = outbox.pending([aggregate.id])
        outbox.remove({aggregate.id: [each["id"] for each in document.events]})
        self.require_unchanged(store.repository, before)

    def test_many_events_come_in_rounds_without_a_gap(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        aggregate = self.committed(store, events=MANY)
        assert not outbox.pending([aggregate.id])[0].complete
        sequences: list[int] = []
        while documents := outbox.pending([aggregate.id]):
            sequences += [each["sequence"] for each in documents[0].events]
            outbox.remove({aggregate.id: [each["id"] for each in documents[0].events]})
        assert sequences == list(range(1, MANY + 1))

    def test_what_is_parked_waits_for_a_person_or_a_commit(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        aggregate, other = self.committed(store), self.committed(store)
        outbox.park(aggregate.id)
        assert outbox.pending([aggregate.id]) == []
        assert [each.id for each in outbox.overdue(0, ALL, None)] == [other.id]
        assert store.sequences(aggregate.id) == [1]
        self.commit(store, aggregate.id)
        (document,) = outbox.pending([aggregate.id])
        assert [each["sequence"] for each in document.events] == [1, 2]

    def test_what_is_deleted_still_announces_its_events(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        aggregate = self.committed(store)
        store.repository.delete(aggregate, a_context())
        (document,) = outbox.pending([aggregate.id])
        outbox.remove({aggregate.id: [each["id"] for each in document.events]})
        assert outbox.pending([aggregate.id]) == []

    def test_the_longest_wait_is_known(self, store: Store[A], outbox: OutboxStore) -> None:
        assert outbox.oldest_pending_since() is None
        first, second = self.committed(store), self.committed(store)
        (oldest,) = outbox.pending([first.id])
        assert outbox.oldest_pending_since() == oldest.pending_since
        outbox.park(first.id)
        (oldest,) = outbox.pending([second.id])
        assert outbox.oldest_pending_since() == oldest.pending_since
        outbox.remove({second.id: [each["id"] for each in oldest.events]})
        assert outbox.oldest_pending_since() is None

    def test_nothing_is_lost_between_those_who_commit_and_those_who_remove(
        self, store: Store[A], outbox: OutboxStore
    ) -> None:
        ids = [self.committed(store).id for _ in range(3)]
        sequences: dict[str, set[int]] = {each: set() for each in ids}

        def remove_pending() -> None:
            for document in outbox.pending(ids):
                sequences[document.id] |= {each["sequence"] for each in document.events}
                outbox.remove({document.id: [each["id"] for each in document.events]})

        def work(number: int) -> None:
            for _ in range(20):
                if number < len(ids):
                    self.commit(store, ids[number])
                else:
                    remove_pending()

        at_once(len(ids) + 2, work)
        remove_pending()
        assert sequences == {each: set(range(1, 22)) for each in ids}
        assert outbox.pending(ids) == []
        assert outbox.oldest_pending_since() is None
