"""Deleting aggregates."""

from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import AlreadyExists, NotFound
from carafe.domain.model import AggregateRoot, DomainEvent, collection_of
from carafe.infrastructure.database.criteria import one_of
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, ids_of

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Deleting(RepositoryCase[A]):
    """A deleted aggregate leaves its events, the results of its commands, and its id."""

    def test_what_is_deleted_is_gone(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        expected = CommandResult(id=aggregate.id, version=2)
        assert repository.delete(aggregate, a_context()) == expected
        with pytest.raises(NotFound):
            repository.get(aggregate.id)
        with pytest.raises(NotFound):
            repository.load(aggregate.id, a_context())
        assert not repository.exists(aggregate.id)
        assert ids_of(repository) == []
        assert ids_of(repository, one_of("id", [aggregate.id])) == []
        assert list(repository.stream()) == []
        for name in self.sortable():
            assert ids_of(repository, order=[name]) == []

    def test_the_events_of_what_is_deleted_still_wait(
        self, store: Store[A], event: DomainEvent
    ) -> None:
        aggregate = self.kept(store.repository)
        aggregate.record(event)
        last = aggregate.sequence + 1
        store.repository.delete(aggregate, a_context())
        assert store.sequences(aggregate.id) == list(range(1, last + 1))
        assert store.nudged.nudges[-1] == (collection_of(self.aggregate), aggregate.id)
        assert len(store.nudged.nudges) == (2 if last > 1 else 1)

    def test_it_cannot_be_changed_by_who_read_it_before(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        late = repository.get(aggregate.id)
        repository.delete(aggregate, a_context())
        with pytest.raises(NotFound):
            repository.save(self.changed(late), a_context())
        with pytest.raises(NotFound):
            repository.delete(late, a_context())

    @pytest.mark.parametrize("attempt", ["save", "delete"])
    def test_it_cannot_be_changed_by_who_deleted_it(self, store: Store[A], attempt: str) -> None:
        aggregate = self.kept(store.repository)
        store.repository.delete(aggregate, a_context())
        waiting = store.sequences(aggregate.id)
        with pytest.raises(NotFound):
            getattr(store.repository, attempt)(self.changed(aggregate), a_context())
        assert store.sequences(aggregate.id) == waiting

    def test_its_id_stays_taken(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        repository.delete(aggregate, a_context())
        with pytest.raises(AlreadyExists):
            repository.add(self.with_id(aggregate.id), a_context())
