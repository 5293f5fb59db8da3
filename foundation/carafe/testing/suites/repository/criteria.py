"""Queries by criteria."""

from collections.abc import Iterator
from typing import TypeVar

import pytest

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.criteria import at_least, below, equals, one_of
from carafe.infrastructure.database.forms import ArrayForm, OptionalForm, stored_fields
from carafe.infrastructure.database.repository import Repository
from carafe.testing.stores import added, ids_of, parts_of

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Criteria(RepositoryCase[A]):
    """Aggregates can be found by each of their attributes."""

    def test_an_attribute_can_be_asked_for_by_its_value(self, repository: Repository[A]) -> None:
        kept = [*self.examples(), self.an_aggregate(), self.an_aggregate()]
        added(repository, *kept)
        for name in _single(self.aggregate):
            for each in kept:
                value, parts = getattr(each, name), parts_of(getattr(each, name))
                expected = sorted(one.id for one in kept if parts_of(getattr(one, name)) == parts)
                assert ids_of(repository, equals(name, value)) == expected, name
                assert ids_of(repository, one_of(name, [value])) == expected, name

    def test_an_id_can_be_asked_for(self, repository: Repository[A]) -> None:
        first, second, third = sorted(added(repository, *(self.an_aggregate() for _ in range(3))))
        assert ids_of(repository, equals("id", second)) == [second]
        assert ids_of(repository, one_of("id", [third, first, "nobody's"])) == [first, third]
        assert ids_of(repository, at_least("id", second)) == [second, third]
        assert ids_of(repository, below("id", second)) == [first]

    @pytest.mark.parametrize("name", ["colour_of_the_moon", "_id", "version", "$where", ""])
    def test_an_attribute_that_there_is_not_is_refused(
        self, repository: Repository[A], name: str
    ) -> None:
        with pytest.raises(ValueError, match="has no attribute"):
            repository.find(equals(name, "blue"))
        with pytest.raises(ValueError, match="has no attribute"):
            repository.find(order=[name])
        with pytest.raises(ValueError, match="has no attribute"):
            list(repository.stream(equals(name, "blue")))


def _single(aggregate: type[AggregateRoot]) -> Iterator[str]:
    """Yield the names of the attributes that are no lists."""
    for name, form in stored_fields(aggregate).items():
        if not isinstance(form.inner if isinstance(form, OptionalForm) else form, ArrayForm):
            yield name
