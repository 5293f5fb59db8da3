"""Pages and streams."""

import itertools
from collections.abc import Callable, Iterator
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar, cast

import pytest
from msgspec import defstruct

from carafe.contracts.base import Contract
from carafe.contracts.declared_types import attribute_types
from carafe.contracts.views import View
from carafe.domain.errors import InvalidValue
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.criteria import equals, one_of
from carafe.infrastructure.database.forms import (
    DecimalForm,
    EmbeddedForm,
    EnumForm,
    IsoForm,
    MomentForm,
    ScalarForm,
    stored_fields,
)
from carafe.infrastructure.database.repository import LARGEST_PAGE, Repository
from carafe.testing.contexts import a_context
from carafe.testing.stores import added, at_once, ids_of, pages_of

from .case import RepositoryCase

A = TypeVar("A", bound=AggregateRoot)


class _Versions(Contract, frozen=True):
    """A view of what every aggregate has."""

    id: str
    version: int


class PagesAndStreams(RepositoryCase[A]):
    """Pages and streams contain every aggregate once, in order."""

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_pages_hold_everything_once_in_every_order(
        self, repository: Repository[A], sign: str
    ) -> None:
        aggregates = [self.kept(repository) for _ in range(7)]
        for name in self.sortable():
            pages = pages_of(repository, order=[sign + name], limit=2)
            ids = [each.id for page in pages for each in page]
            expected = sorted(aggregates, key=_place(name), reverse=sign == "-")
            assert ids == [each.id for each in expected], name

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_pages_neither_repeat_nor_skip_while_others_come_and_go(
        self, repository: Repository[A], sign: str
    ) -> None:
        aggregates = [self.kept(repository) for _ in range(24)]
        leaving = {each.id for each in aggregates[::2]}
        ids: list[str] = []
        for page in pages_of(repository, order=[f"{sign}id"], limit=4):
            ids += [each.id for each in page]
            # Delete the last aggregate of this page, after which the next page begins, and some
            # that may not have been read yet; add others before and after it.
            for each in (page[-1:] + aggregates)[:: len(aggregates)]:
                if each.id in leaving and repository.exists(each.id):
                    repository.delete(repository.get(each.id), a_context())
            if len(ids) < 40:
                added(repository, *(self.an_aggregate() for _ in range(3)))
        assert len(ids) == len(set(ids))
        assert {each.id for each in aggregates} - leaving <= set(ids)
        assert ids == sorted(ids, reverse=sign == "-")

    def test_a_page_says_whether_there_is_another(self, repository: Repository[A]) -> None:
        added(repository, self.an_aggregate(), self.an_aggregate())
        assert repository.find(limit=2).next_cursor is None
        assert repository.find(limit=3).next_cursor is None
        assert repository.find(limit=1).next_cursor is not None
        assert repository.find(one_of("id", [])).items == []

    def test_a_page_holds_a_hundred_unless_told_otherwise(self, repository: Repository[A]) -> None:
        added(repository, *(self.an_aggregate() for _ in range(101)))
        assert len(repository.find().items) == 100
        assert len(repository.find(limit=LARGEST_PAGE).items) == 101

    @pytest.mark.parametrize("limit", [-1, 0, LARGEST_PAGE + 1])
    def test_a_page_of_an_impossible_size_is_refused(
        self, repository: Repository[A], limit: int
    ) -> None:
        with pytest.raises(ValueError, match=f"1 to {LARGEST_PAGE}"):
            repository.find(limit=limit)

    def test_the_size_of_a_page_may_change_on_the_way(self, repository: Repository[A]) -> None:
        ids = sorted(added(repository, *(self.an_aggregate() for _ in range(5))))
        first = repository.find(limit=2)
        rest = repository.find(limit=3, cursor=first.next_cursor)
        assert [each.id for each in first.items + rest.items] == ids
        assert rest.next_cursor is None

    def test_views_come_in_pages_like_what_they_show(self, repository: Repository[A]) -> None:
        aggregates = sorted((self.kept(repository) for _ in range(3)), key=lambda each: each.id)
        view = View(_Versions, self.aggregate)
        first = repository.find_views(view, limit=2)
        rest = repository.find_views(view, limit=2, cursor=first.next_cursor)
        assert [*first.items, *rest.items] == [view.of(each) for each in aggregates]
        assert rest.next_cursor is None
        assert [each.id for each in repository.find_views(view, order=["-id"]).items] == [
            each.id for each in reversed(aggregates)
        ]
        chosen = repository.find_views(view, one_of("id", [aggregates[0].id])).items
        assert chosen == [view.of(aggregates[0])]
        repository.delete(repository.get(aggregates[0].id), a_context())
        assert repository.find_views(view, one_of("id", [aggregates[0].id])).items == []

    @pytest.mark.parametrize("sign", ["", "-"])
    def test_views_can_be_sorted_and_chosen_by_parts_of_what_they_show(
        self, repository: Repository[A], sign: str
    ) -> None:
        contracts = (_contract_of(self.aggregate), _Versions)
        views: list[View[Any, A]] = [View(each, self.aggregate) for each in contracts]
        for _ in range(5):
            self.kept(repository)
        for view, name in itertools.product(views, _sortable_paths(self.aggregate)):
            aggregates = repository.find(order=[sign + name]).items
            first = repository.find_views(view, order=[sign + name], limit=2)
            rest = repository.find_views(view, order=[sign + name], cursor=first.next_cursor)
            assert [*first.items, *rest.items] == [view.of(each) for each in aggregates], name
            criterion = equals(name, attrgetter(name)(aggregates[0]))
            chosen = repository.find(criterion, order=[sign + name]).items
            page = repository.find_views(view, criterion, order=[sign + name])
            assert page.items == [view.of(each) for each in chosen], name

    def test_a_stream_holds_everything(self, repository: Repository[A]) -> None:
        ids = sorted(added(repository, *(self.an_aggregate() for _ in range(5))))
        assert [each.id for each in repository.stream()] == ids

    def test_a_cursor_of_another_question_is_refused(self, repository: Repository[A]) -> None:
        ids = added(repository, *(self.an_aggregate() for _ in range(3)))
        cursor = repository.find(limit=1).next_cursor
        questions: list[dict[str, Any]] = [{"order": ["-id"]}, {"criteria": [one_of("id", ids)]}]
        for question in questions:
            with pytest.raises(InvalidValue) as refusal:
                repository.find(
                    *question.get("criteria", ()), order=question.get("order", ()), cursor=cursor
                )
            assert refusal.value.field == "cursor"

    def test_a_changed_cursor_is_refused_wherever_it_was_changed(
        self, repository: Repository[A]
    ) -> None:
        added(repository, self.an_aggregate(), self.an_aggregate())
        cursor = repository.find(limit=1).next_cursor
        assert cursor is not None
        changed = [
            cursor[:place] + ("B" if cursor[place] == "A" else "A") + cursor[place + 1 :]
            for place in range(len(cursor) - 1)
        ]
        for forged in [*changed, cursor[:-4], cursor[4:], cursor + cursor, "", "A", "kéy", "{}"]:
            with pytest.raises(InvalidValue) as refusal:
                repository.find(cursor=forged)
            assert refusal.value.field == "cursor"

    @pytest.mark.usefixtures("taking_turns")
    def test_reading_goes_on_while_others_write(self, repository: Repository[A]) -> None:
        added(repository, *(self.an_aggregate() for _ in range(20)))

        def work(number: int) -> list[str]:
            if number % 2:
                return added(repository, *(self.an_aggregate() for _ in range(20)))
            return [each.id for page in pages_of(repository, limit=7) for each in page]

        for ids in at_once(4, work)[::2]:
            assert len(ids) == len(set(ids)) >= 20
        assert len(ids_of(repository)) == 60


def _place(name: str) -> Callable[[AggregateRoot], tuple[Any, str]]:
    """Return the sort key for an attribute."""

    def place(aggregate: AggregateRoot) -> tuple[Any, str]:
        value = getattr(aggregate, name)
        return (value.value if isinstance(value, Enum) else value), aggregate.id

    return place


def _contract_of(declared: type) -> type[Contract]:
    """Return a contract with every scalar and every composite attribute."""
    types = attribute_types(declared)
    fields: list[tuple[str, Any]] = [("id", str)] if issubclass(declared, AggregateRoot) else []
    for name, form in stored_fields(declared).items():
        if isinstance(form, ScalarForm | DecimalForm | MomentForm | IsoForm):
            fields.append((name, types[name]))
        elif isinstance(form, EmbeddedForm):
            fields.append((name, _contract_of(form.declared)))
    contract = defstruct(f"{declared.__name__}Shown", fields, bases=(Contract,), frozen=True)
    return cast("type[Contract]", contract)


def _sortable_paths(declared: type, prefix: str = "") -> Iterator[str]:
    """Yield the paths of the attributes, nested ones too, by which pages can be sorted."""
    for name, form in stored_fields(declared).items():
        if isinstance(form, EmbeddedForm):
            yield from _sortable_paths(form.declared, f"{prefix}{name}.")
        elif isinstance(form, ScalarForm | DecimalForm | MomentForm | IsoForm | EnumForm):
            yield f"{prefix}{name}"
