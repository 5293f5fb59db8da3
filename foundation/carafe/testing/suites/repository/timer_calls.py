"""A timer that calls, against commits and calls that come at the same time."""

import functools
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import NotFound, RuleBroken
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.errors import ForeignTimer
from carafe.infrastructure.identifiers import now
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once

from .timer_case import SOON, Bell, TimerCase, call_of, ring

A = TypeVar("A", bound=AggregateRoot)


class TimerCalls(TimerCase[A]):
    """A timer that was committed calls once, and one that was cancelled never does."""

    def test_a_call_takes_its_timer_away_with_the_change(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "a", "b")
        call = call_of(aggregate, now() + SOON, "a")
        first = change(store.repository, aggregate.id, call, self.change)
        assert first == CommandResult(id=aggregate.id, version=2)
        assert change(store.repository, aggregate.id, call, self.change) == first
        found = store.repository.get(aggregate.id)
        assert (found.version, found.timer(Bell, "a")) == (2, None)
        assert found.timer(Bell, "b") == aggregate.timer(Bell, "b")
        assert call.timer_call is not None
        assert call.timer_call.is_settled

    def test_a_call_may_set_its_timer_again(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        at, call = now() + SOON, call_of(aggregate, now() + SOON)

        def ring_again(found: A) -> None:
            ring(found, SOON)

        change(store.repository, aggregate.id, call, ring_again)
        found = store.repository.get(aggregate.id)
        (timer,) = found.timers
        assert timer.version == 2
        assert call_of(found, at).command_id != call.command_id
        change(store.repository, aggregate.id, call_of(found, at), self.change)
        assert store.repository.get(aggregate.id).timer(Bell) is None

    @pytest.mark.usefixtures("taking_turns")
    def test_many_calls_of_one_timer_at_once_take_effect_once(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        at = now() + SOON

        def call(_number: int) -> int:
            context = call_of(aggregate, at)
            return change(store.repository, aggregate.id, context, self.change).version

        assert at_once(10, call) == [2] * 10
        found = store.repository.get(aggregate.id)
        assert (found.version, found.timer(Bell)) == (2, None)

    @pytest.mark.usefixtures("taking_turns")
    @pytest.mark.parametrize("is_moved", [True, False])
    def test_of_a_call_and_a_cancellation_at_once_the_first_counts(
        self, repository: Repository[A], store: Store[A], *, is_moved: bool
    ) -> None:
        def withdraw(found: A) -> None:
            found.cancel_timer(Bell)
            if is_moved:
                ring(found, 2 * SOON)

        for _ in range(10):
            aggregate = self.kept_with_timers(store, "")
            call, versions = call_of(aggregate, now() + SOON), list[int]()

            def note(found: A, versions: list[int] = versions) -> None:
                versions.append(found.version)

            works = [
                functools.partial(change, repository, aggregate.id, call, note),
                functools.partial(change, repository, aggregate.id, a_context(), withdraw),
            ]
            at_once(2, functools.partial(_work_of_one, works))
            found = repository.get(aggregate.id)
            has_called = found.version == 3
            assert repository.earlier_result(aggregate.id, call) == (
                CommandResult(id=aggregate.id, version=2) if has_called else None
            )
            assert (found.timer(Bell) is not None) == is_moved
            assert set(versions) <= {1}, "called on a state without the timer"

    @pytest.mark.parametrize("is_moved", [True, False])
    def test_a_call_of_what_was_cancelled_or_moved_changes_nothing(
        self, store: Store[A], *, is_moved: bool
    ) -> None:
        aggregate = self.kept_with_timers(store, "")
        call = call_of(aggregate, now() + SOON)
        aggregate.cancel_timer(Bell)
        if is_moved:
            ring(aggregate, 2 * SOON)
        store.repository.save(aggregate, a_context())
        result = change(store.repository, aggregate.id, call, self.change)
        assert (result.version, result.repeated) == (2, True)
        self.require_unchanged(store.repository, aggregate)
        assert call.timer_call is not None
        assert call.timer_call.is_settled

    def test_a_call_that_is_refused_leaves_its_timer_and_is_not_settled(
        self, store: Store[A]
    ) -> None:
        """Even if its handler hides the refusal, it is known to have failed."""
        aggregate = self.kept_with_timers(store, "")
        call = call_of(aggregate, now() + SOON)

        def refuse(_found: A) -> None:
            raise RuleBroken("not yet")

        with pytest.raises(RuleBroken):
            change(store.repository, aggregate.id, call, refuse)
        self.require_unchanged(store.repository, aggregate)
        assert call.timer_call is not None
        assert not call.timer_call.is_settled

    def test_a_call_changes_no_other_aggregate(self, store: Store[A]) -> None:
        aggregate, other = self.kept_with_timers(store, ""), self.kept_with_timers(store, "")
        call = call_of(aggregate, now() + SOON)
        with pytest.raises(ForeignTimer):
            change(store.repository, other.id, call, self.change)
        self.require_unchanged(store.repository, other)

    def test_a_call_of_what_is_deleted_finds_nothing(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        call = call_of(aggregate, now() + SOON)
        store.repository.delete(aggregate, a_context())
        with pytest.raises(NotFound):
            change(store.repository, aggregate.id, call, self.change)

    def test_a_call_may_delete_its_aggregate(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "a", "b")
        call = call_of(aggregate, now() + SOON, "a")
        change(store.repository, aggregate.id, call, self.change, delete=True)
        assert not store.repository.exists(aggregate.id)
        again = change(store.repository, aggregate.id, call, self.change, delete=True)
        assert again == CommandResult(id=aggregate.id, version=2)


def _work_of_one(works: Sequence[Callable[[], object]], number: int) -> None:
    works[number]()
