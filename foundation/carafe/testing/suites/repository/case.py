"""What every part of the repository suite builds on: its hooks, and one store."""

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

# Not part of what an aggregate is: a change leaves them to the repository.
BOOKKEEPING = {field.name for field in dataclasses.fields(AggregateRoot)}


class RepositoryCase(Generic[A]):
    """Aggregates of one kind, and a repository that keeps them.

    Attributes:
        aggregate: what is kept.
    """

    aggregate: type[A]

    def an_aggregate(self) -> A:
        """Return a new aggregate that shares neither id nor unique attributes with any other.

        A hook. It should have recorded an event: without one, nothing of events is proven.
        """
        raise NotImplementedError("an_aggregate() must return a new aggregate each time")

    def examples(self) -> Sequence[A]:
        """Return aggregates in all their forms, each of which must come back as it was.

        A hook; by default there is one.
        """
        return [self.an_aggregate()]

    def change(self, aggregate: A) -> None:
        """Change an aggregate, in a way that is possible any number of times.

        A hook; by default the aggregate becomes like another example, events included.
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
        recorded = self.an_aggregate().recorded
        if not recorded:
            pytest.skip("an_aggregate() has recorded no event")
        return recorded[0]

    def sortable(self) -> list[str]:
        """Return the names of the attributes by which pages can be sorted; the id is one."""
        names = ["id"]
        for name in stored_fields(self.aggregate):
            try:
                Sorting.of(self.aggregate, [name])
            except ValueError:
                continue  # it may be missing, is repeated, or consists of several
            names.append(name)
        return names

    def changed(self, aggregate: A) -> A:
        """Return an aggregate after a change."""
        self.change(aggregate)
        return aggregate

    def with_id(self, identifier: str) -> A:
        """Return a new aggregate with an id that is given."""
        aggregate = self.an_aggregate()
        aggregate.id = identifier
        return aggregate

    def kept(self, repository: Repository[A]) -> A:
        """Return a new aggregate that is in the repository."""
        aggregate = self.an_aggregate()
        result = repository.add(aggregate, a_context())
        assert result == CommandResult(id=aggregate.id, version=1)
        return aggregate

    def require_unchanged(self, repository: Repository[A], expected: A) -> None:
        """Fail when the repository has an aggregate in another state than this."""
        assert state_of(repository.get(expected.id)) == state_of(expected)
