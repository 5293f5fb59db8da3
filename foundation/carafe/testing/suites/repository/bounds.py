"""Limits of the outbox."""

from typing import TypeVar

import pytest

from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.errors import OutboxFull
from carafe.infrastructure.outbox.outbox import MOST_PENDING
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Bounds(RepositoryCase[A]):
    """No outbox grows beyond what a relay can publish."""

    def test_a_full_outbox_refuses_more(self, store: Store[A], event: DomainEvent) -> None:
        aggregate, context = self.an_aggregate(), a_context()
        aggregate.recorded[:] = [event] * (MOST_PENDING - 1)
        store.repository.add(aggregate, a_context())
        aggregate.record(event)
        store.repository.save(aggregate, a_context())
        aggregate.record(event)
        with pytest.raises(OutboxFull):
            store.repository.save(aggregate, context)
        with pytest.raises(OutboxFull):
            store.repository.delete(aggregate, context)
        assert store.repository.get(aggregate.id).version == 2
        assert store.repository.earlier_result(aggregate.id, context) is None
        assert len(store.pending(aggregate.id)) == MOST_PENDING
        aggregate.recorded.clear()
        assert store.repository.save(aggregate, a_context()).version == 3

    def test_more_events_at_once_than_may_wait_are_refused(
        self, store: Store[A], event: DomainEvent
    ) -> None:
        aggregate = self.kept(store.repository)
        waiting = store.sequences(aggregate.id)
        aggregate.recorded[:] = [event] * (MOST_PENDING + 1)
        with pytest.raises(OutboxFull):
            store.repository.save(aggregate, a_context())
        assert store.sequences(aggregate.id) == waiting

    def test_a_new_aggregate_with_more_events_than_may_wait_is_refused(
        self, store: Store[A], event: DomainEvent
    ) -> None:
        aggregate = self.an_aggregate()
        aggregate.recorded[:] = [event] * (MOST_PENDING + 1)
        with pytest.raises(OutboxFull):
            store.repository.add(aggregate, a_context())
        assert not store.repository.exists(aggregate.id)
