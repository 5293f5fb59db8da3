"""Timers commit with the state."""

import dataclasses
import functools
from datetime import timedelta
from typing import TypeVar

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import StaleVersion
from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.recurrence import Recurrence
from carafe.domain.timers import ActiveTimer
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.criteria import equals
from carafe.testing.contexts import a_context
from carafe.testing.stores import Store, at_once, outcome_of_one

from .timer_case import LATER, SOON, Bell, TimerCase, ring, sorted_timers

A = TypeVar("A", bound=AggregateRoot)


class Timers(TimerCase[A]):
    """A timer is set, moved and cancelled by the commit of its aggregate, and by no other."""

    # Stored with the state

    def test_a_timer_comes_back_with_what_its_commit_notes(self, store: Store[A]) -> None:
        aggregate, creation, later = self.without_timers(), a_context(), a_context()
        first = ring(aggregate, timedelta(days=30))
        store.repository.add(aggregate, creation)
        second = ring(aggregate, Recurrence(cron="0 8 * * *", zone="Europe/Berlin"), "daily")
        store.repository.save(aggregate, later)
        expected = [
            _noted(first, 1, creation),
            _noted(second, 2, later),
        ]
        assert sorted_timers(aggregate) == expected, "the aggregate in hand"
        assert sorted_timers(store.repository.get(aggregate.id)) == expected
        (listed,) = store.repository.find(equals("id", aggregate.id)).items
        assert sorted_timers(listed) == expected
        assert not aggregate.has_changed_timers
        assert not listed.has_changed_timers

    def test_a_save_moves_and_cancels_timers(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "moved", "cancelled", "stays")
        found, context = store.repository.get(aggregate.id), a_context()
        moved = ring(found, 2 * SOON, "moved")
        found.cancel_timer(Bell, "cancelled")
        store.repository.save(found, context)
        stored = store.repository.get(aggregate.id)
        assert stored.timer(Bell, "moved") == _noted(moved, 2, context)
        assert stored.timer(Bell, "cancelled") is None
        assert stored.timer(Bell, "stays") == aggregate.timer(Bell, "stays")

    def test_a_save_of_something_else_leaves_timers_as_they_are(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "a", "b")
        before = sorted_timers(aggregate)
        store.repository.save(store.repository.get(aggregate.id), a_context())
        aggregate = store.repository.get(aggregate.id)
        store.repository.save(aggregate, a_context())
        assert (
            sorted_timers(store.repository.get(aggregate.id)) == sorted_timers(aggregate) == before
        )

    def test_the_last_timer_can_be_cancelled(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        aggregate.cancel_timer(Bell)
        store.repository.save(aggregate, a_context())
        assert store.repository.get(aggregate.id).timers == ()
        self.require_unchanged(store.repository, aggregate)

    def test_what_is_deleted_has_no_timers(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        waiting = store.sequences(aggregate.id)
        store.repository.delete(aggregate, a_context())
        assert (aggregate.timers, store.nudged.timers) == ((), [])
        assert store.sequences(aggregate.id) == waiting

    # Nudges

    @pytest.mark.parametrize(("due", "nudges"), [(SOON, 1), (LATER, 0)])
    def test_only_what_is_due_soon_is_nudged(
        self, store: Store[A], due: timedelta, nudges: int
    ) -> None:
        aggregate = self.without_timers()
        expected = [(collection_of(self.aggregate), aggregate.id)]
        first = ring(aggregate, due)
        ring(aggregate, due + timedelta(seconds=1), "second")
        store.repository.add(aggregate, a_context())
        assert store.nudged.timers == [(*each, first.due) for each in expected * nudges]
        store.nudged.timers.clear()
        moved = ring(aggregate, due - timedelta(seconds=1), "second")
        store.repository.save(aggregate, a_context())
        assert store.nudged.timers == [(*each, moved.due) for each in expected * nudges]

    def test_a_commit_that_changes_no_timer_nudges_none(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        store.repository.save(aggregate, a_context())
        aggregate.cancel_timer(Bell, "another")
        store.repository.save(aggregate, a_context())
        aggregate.cancel_timer(Bell)
        store.repository.save(aggregate, a_context())
        assert store.nudged.timers == []

    def test_a_repeated_command_sets_and_nudges_nothing(self, store: Store[A]) -> None:
        aggregate, context = self.without_timers(), a_context()
        ring(aggregate, SOON)
        store.repository.add(aggregate, context)
        again = self.with_id(aggregate.id)
        ring(again, 2 * SOON)
        assert store.repository.add(again, context).repeated
        expected = sorted_timers(aggregate)
        found, change_context = store.repository.get(aggregate.id), a_context()
        store.repository.save(found, change_context)
        ring(found, SOON / 2)
        assert store.repository.save(found, change_context).repeated
        assert sorted_timers(store.repository.get(aggregate.id)) == expected
        assert len(store.nudged.timers) == 1

    # Several writers

    def test_a_stale_writer_sets_no_timer(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store, "")
        late = store.repository.get(aggregate.id)
        store.repository.save(aggregate, a_context())
        ring(late, SOON, "late")
        with pytest.raises(StaleVersion):
            store.repository.save(late, a_context())
        assert sorted_timers(store.repository.get(aggregate.id)) == sorted_timers(aggregate)
        assert (late.has_changed_timers, store.nudged.timers) == (True, [])

    @pytest.mark.usefixtures("taking_turns")
    def test_of_many_who_set_timers_at_once_one_wins(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store)
        hands = [store.repository.get(aggregate.id) for _ in range(10)]
        for number, hand in enumerate(hands):
            ring(hand, SOON, str(number))
        commits = [functools.partial(store.repository.save, each, a_context()) for each in hands]
        outcomes = at_once(10, functools.partial(outcome_of_one, commits))
        assert sorted(outcomes) == ["stale_version"] * 9 + ["won"]
        winner = hands[outcomes.index("won")]
        assert sorted_timers(store.repository.get(aggregate.id)) == sorted_timers(winner)
        assert [due for _, _, due in store.nudged.timers] == [winner.timers[0].due]

    @pytest.mark.usefixtures("taking_turns")
    def test_timers_that_many_set_are_all_kept(self, store: Store[A]) -> None:
        aggregate = self.kept_with_timers(store)

        def set_one(number: int) -> CommandResult:
            def apply(found: A) -> None:
                ring(found, LATER, str(number))

            return change(store.repository, aggregate.id, a_context(), apply)

        at_once(10, set_one)
        timers = store.repository.get(aggregate.id).timers
        assert {each.key for each in timers} == {str(number) for number in range(10)}
        assert sorted(each.version for each in timers) == list(range(2, 12))


def _noted(timer: ActiveTimer, version: int, context: CommandContext) -> ActiveTimer:
    """Return a timer as the commit of a command leaves it."""
    return dataclasses.replace(
        timer,
        version=version,
        correlation_id=context.correlation_id,
        causation_id=context.command_id,
    )
