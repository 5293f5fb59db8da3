"""The base of every part of the repository suite: hooks, fixtures and helpers."""

import dataclasses
from collections.abc import Sequence
from typing import Generic, TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.infrastructure.database.criteria import Sorting
from carafe.infrastructure.database.forms import stored_fields
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, state_of

A = TypeVar("A", bound=AggregateRoot)

# Not part of an aggregate's state: only the repository changes them.
BOOKKEEPING = {field.name for field in dataclasses.fields(AggregateRoot)}


class RepositoryCase(Generic[A]):
    """Tests of the repository of one class of aggregates.

    Attributes:
        aggregate: the class.
    """

    aggregate: type[A]

    def an_aggregate(self) -> A:
        """Return a new aggregate that shares neither id nor unique attributes with any other.

        A hook. The aggregate should have recorded an event; without one, tests of events are
        skipped or prove nothing.
        """
        raise NotImplementedError("an_aggregate() must return a new aggregate each time")

    def examples(self) -> Sequence[A]:
        """Return aggregates in all their forms; each must be read back as it was added.

        A hook; by default it returns one aggregate.
        """
        return [self.an_aggregate()]

    def change(self, aggregate: A) -> None:
        """Change an aggregate in a way that can be repeated any number of times.

        A hook; by default the aggregate gets the state and the events of another example.
        """
        example = self.an_aggregate()
        for field in dataclasses.fields(example):
            if field.name not in BOOKKEEPING:
                setattr(aggregate, field.name, getattr(example, field.name))
        aggregate.recorded.extend(example.recorded)

    @pytest.fixture
    def repository(self, store: Store[A]) -> Repository[A]:
        """The repository over the store."""
        return store.repository

    @pytest.fixture
    def event(self) -> DomainEvent:
        """An event of the aggregate."""
        for each in self.an_aggregate().recorded:
            if isinstance(each, DomainEvent):
                return each
        pytest.skip("an_aggregate() has recorded no event")

    def sortable(self) -> list[str]:
        """Return the names of the attributes by which pages can be sorted, the id included."""
        names = ["id"]
        for name in stored_fields(self.aggregate):
            try:
                Sorting.of(self.aggregate, [name])
            except ValueError:
                continue  # it is optional, a list, or a composite
            names.append(name)
        return names

    def changed(self, aggregate: A) -> A:
        """Change an aggregate and return it."""
        self.change(aggregate)
        return aggregate

    def with_id(self, identifier: str) -> A:
        """Return a new aggregate with this id."""
        aggregate = self.an_aggregate()
        aggregate.id = identifier
        return aggregate

    def kept(self, repository: Repository[A]) -> A:
        """Return a new aggregate that was added to the repository."""
        aggregate = self.an_aggregate()
        result = repository.add(aggregate, a_context())
        assert result == CommandResult(id=aggregate.id, version=1)
        return aggregate

    def require_unchanged(self, repository: Repository[A], expected: A) -> None:
        """Fail if the repository's aggregate differs from the expected one."""
        assert state_of(repository.get(expected.id)) == state_of(expected)
