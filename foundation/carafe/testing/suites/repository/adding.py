"""Adding and getting."""

from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import AlreadyExists, NotFound
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import state_of

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Adding(RepositoryCase[A]):
    """An added aggregate can be read back, and changes only by a commit."""

    def test_each_example_comes_back_as_it_was_added(self, repository: Repository[A]) -> None:
        for example in self.examples():
            events = sum(isinstance(each, DomainEvent) for each in example.recorded)
            expected = CommandResult(id=example.id, version=1)
            assert repository.add(example, a_context()) == expected
            assert (example.version, example.sequence, example.recorded) == (1, events, [])
            self.require_unchanged(repository, example)
            assert repository.exists(example.id)

    def test_each_example_comes_back_when_it_is_listed(self, repository: Repository[A]) -> None:
        for example in self.examples():
            repository.add(example, a_context())
            (listed,) = repository.find(equals("id", example.id)).items
            (streamed,) = repository.stream(equals("id", example.id))
            assert state_of(listed) == state_of(streamed) == state_of(example)

    def test_a_saved_change_comes_back(self, repository: Repository[A]) -> None:
        aggregate = self.changed(self.kept(repository))
        expected = CommandResult(id=aggregate.id, version=2)
        assert repository.save(aggregate, a_context()) == expected
        assert (aggregate.version, aggregate.recorded) == (2, [])
        self.require_unchanged(repository, aggregate)

    def test_what_was_never_added_is_not_found(self, repository: Repository[A]) -> None:
        assert not repository.exists("nobody's")
        assert repository.earlier_result("nobody's", a_context()) is None
        with pytest.raises(NotFound, match="nobody's"):
            repository.get("nobody's")
        with pytest.raises(NotFound):
            repository.load("nobody's", a_context())

    def test_what_was_never_added_cannot_be_saved_or_deleted(
        self, repository: Repository[A]
    ) -> None:
        with pytest.raises(NotFound):
            repository.save(self.an_aggregate(), a_context())
        with pytest.raises(NotFound):
            repository.delete(self.an_aggregate(), a_context())

    def test_an_id_can_be_taken_only_once(self, repository: Repository[A]) -> None:
        first = self.kept(repository)
        with pytest.raises(AlreadyExists, match="has this id"):
            repository.add(self.with_id(first.id), a_context())
        self.require_unchanged(repository, first)

    def test_what_was_added_changes_only_by_a_save(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        before = state_of(repository.get(aggregate.id))
        assert state_of(self.changed(aggregate)) != before
        assert state_of(repository.get(aggregate.id)) == before

    def test_what_was_read_changes_only_by_a_save(self, repository: Repository[A]) -> None:
        aggregate = self.kept(repository)
        loaded = repository.load(aggregate.id, a_context())
        assert isinstance(loaded, self.aggregate)
        (listed,) = repository.find().items
        (streamed,) = repository.stream()
        for read in (repository.get(aggregate.id), loaded, listed, streamed):
            self.change(read)
            self.require_unchanged(repository, aggregate)
