"""Unique attributes."""

import functools
from collections.abc import Iterator
from enum import Enum
from typing import TypeVar

import pytest

from carafe.domain.errors import AlreadyExists
from carafe.domain.model import AggregateRoot, Index
from carafe.infrastructure.database.codec import codec_for
from carafe.infrastructure.database.criteria import form_of
from carafe.infrastructure.database.forms import EnumForm, schema_of
from carafe.infrastructure.database.repository import Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once, outcome_of_one

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class Uniqueness(RepositoryCase[A]):
    """A value under a unique index belongs to one aggregate at a time."""

    def test_a_unique_attribute_can_be_taken_only_once(self, store: Store[A]) -> None:
        for index in self._unique():
            first, second, context = self.kept(store.repository), self.an_aggregate(), a_context()
            self._take(second, first, index)
            events = len(second.recorded)
            with pytest.raises(AlreadyExists):
                store.repository.add(second, context)
            assert not store.repository.exists(second.id)
            assert store.repository.earlier_result(second.id, context) is None
            assert store.pending(second.id) == []
            assert (second.version, len(second.recorded)) == (0, events)

    def test_it_is_free_again_when_its_owner_is_deleted(self, repository: Repository[A]) -> None:
        for index in self._unique():
            first, successor = self.kept(repository), self.an_aggregate()
            self._take(successor, first, index)
            repository.delete(first, a_context())
            assert repository.add(successor, a_context()).version == 1

    def test_its_owner_keeps_it_through_a_save(self, repository: Repository[A]) -> None:
        for index in self._unique():
            first, second = self.kept(repository), self.an_aggregate()
            self._take(second, first, index)
            assert repository.save(first, a_context()).version == 2
            with pytest.raises(AlreadyExists):
                repository.add(second, a_context())

    def test_a_save_cannot_take_what_another_one_has(self, repository: Repository[A]) -> None:
        for index in self._unique():
            first, second = self.kept(repository), self.kept(repository)
            before = repository.get(second.id)
            self._take(second, first, index)
            with pytest.raises(AlreadyExists):
                repository.save(second, a_context())
            self.require_unchanged(repository, before)

    def test_a_save_frees_what_it_replaces(self, repository: Repository[A]) -> None:
        for index in self._unique():
            first, second, third = self.kept(repository), self.an_aggregate(), self.an_aggregate()
            self._take(second, first, index)
            self._take(first, third, index)
            repository.save(first, a_context())
            assert repository.add(second, a_context()).version == 1
            with pytest.raises(AlreadyExists):
                repository.add(third, a_context())

    @pytest.mark.usefixtures("taking_turns")
    def test_of_many_who_take_it_at_once_one_wins(self, repository: Repository[A]) -> None:
        for index in self._unique():
            rivals = [self.an_aggregate() for _ in range(10)]
            for each in rivals[1:]:
                self._take(each, rivals[0], index)
            commits = [functools.partial(repository.add, each, a_context()) for each in rivals]
            outcomes = at_once(10, functools.partial(outcome_of_one, commits))
            assert outcomes.count("won") == 1
            assert len(set(outcomes)) == 2
            existing = [each for each in rivals if repository.exists(each.id)]
            assert existing == [rivals[outcomes.index("won")]]

    def test_it_is_free_for_those_whom_its_condition_leaves_out(
        self, repository: Repository[A]
    ) -> None:
        for index, name, other in self._conditions():
            first, second, third = self.kept(repository), self.an_aggregate(), self.an_aggregate()
            self._take(second, first, index)
            self._take(third, first, index)
            setattr(second, name, other)
            assert repository.add(second, a_context()).version == 1
            with pytest.raises(AlreadyExists):
                repository.add(third, a_context())
            setattr(first, name, other)
            repository.save(first, a_context())
            assert repository.add(third, a_context()).version == 1

    def _unique(self) -> Iterator[Index]:
        indexes = schema_of(self.aggregate).indexes
        unique = [each for each in indexes if each.unique and self._is_met_at_first(each)]
        if not unique:
            pytest.skip(f"no attribute of {self.aggregate.__name__} is unique")
        yield from unique

    def _conditions(self) -> Iterator[tuple[Index, str, Enum]]:
        """Yield indexes with an enumeration in their condition, and a value that it leaves out."""
        found = [
            (index, name, other)
            for index in schema_of(self.aggregate).indexes
            for name, values in index.only_where
            if index.unique and self._is_met_at_first(index)
            if (other := self._other(name, values)) is not None
        ]
        if not found:
            pytest.skip(f"what is unique of {self.aggregate.__name__} has no condition")
        yield from found

    def _is_met_at_first(self, index: Index) -> bool:
        """Return whether a new aggregate has what an index demands."""
        state = codec_for(self.aggregate).encode(self.an_aggregate())
        return all(
            state.get(name) in (values if isinstance(values, tuple) else (values,))
            for name, values in index.only_where
        )

    def _other(self, name: str, values: object) -> Enum | None:
        """Return a value of an enumeration that a condition leaves out, if there is one."""
        form = form_of(self.aggregate, name)
        if not isinstance(form, EnumForm):
            return None
        allowed = values if isinstance(values, tuple) else (values,)
        return next((each for each in form.enumeration if each.value not in allowed), None)

    def _take(self, aggregate: A, owner: A, index: Index) -> None:
        """Give an aggregate the values of the indexed attributes of another one."""
        names = {each.lstrip("-").partition(".")[0] for each in index.fields}
        assert any(getattr(aggregate, each) != getattr(owner, each) for each in names), (
            f"an_aggregate() returned the same {', '.join(names)} twice, which is unique"
        )
        for name in names:
            setattr(aggregate, name, getattr(owner, name))
