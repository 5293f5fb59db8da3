"""Timers that are due call their handlers: once, and in order."""

from datetime import timedelta

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import Caller, CommandContext, DueTimer
from carafe.domain.recurrence import Recurrence
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.identifiers import timer_command_id
from carafe.testing.contexts import a_context
from carafe.testing.stores import at_once
from tests.support.alarms import ALARMS, MINUTE, SECOND, Alarm, Alarms, Ring, Snooze

EVERY_MINUTE = Recurrence(cron="* * * * *", zone="UTC")


# Once


def test_a_due_timer_calls_once_however_often_it_is_nudged(alarms: Alarms) -> None:
    alarm = alarms.add_due()
    assert alarms.call(alarm, alarm)
    assert alarms.call(alarm)
    found = alarms.get(alarm)
    assert (found.rang, found.version, found.timers) == (("ring",), 2, ())
    assert alarms.calls == ["ring"]


def test_nudges_at_once_take_effect_once(alarms: Alarms) -> None:
    due = [alarms.add_due(Ring, Snooze) for _ in range(3)]
    at_once(8, lambda _number: alarms.call(*due))
    for each in due:
        found = alarms.get(each)
        assert (found.rang, found.version, found.timers) == (("ring", "snooze"), 3, ())


def test_a_call_is_a_command_that_follows_from_the_one_that_set_the_timer(alarms: Alarms) -> None:
    contexts = []

    def note(timer: DueTimer, context: CommandContext) -> CommandResult:
        contexts.append((timer, context))
        return alarms.ring(timer, context)

    alarms.handlers[Ring] = note
    alarm, setting = Alarm(id="a-1"), a_context()
    alarm.set_timer(Ring, SECOND, at=alarms.clock(), key="k")
    alarms.repository.add(alarm, setting)
    (timer,) = alarm.timers
    alarms.clock.advance(MINUTE)
    alarms.call(alarm)
    ((due, context),) = contexts
    assert due == DueTimer("a-1", Ring, "k", timer.due)
    assert context.caller == Caller(f"/{alarms.container.settings.service_name}", frozenset())
    assert context.correlation_id == setting.correlation_id
    assert context.causation_id == setting.command_id
    assert context.command_id == timer_command_id(ALARMS, "a-1", timer.occurrence)
    (_, handled) = alarms.document(alarm)["handled"]
    assert (handled["id"], handled["version"]) == (context.command_id, 2)


def test_timers_of_a_document_call_in_the_order_in_which_they_are_due(alarms: Alarms) -> None:
    alarm = Alarm(id="a-1")
    for seconds, key in ((3, "c"), (1, "b"), (1, "a"), (90, "later")):
        alarm.set_timer(Ring, timedelta(seconds=seconds), at=alarms.clock(), key=key)
    alarms.repository.add(alarm, a_context())
    alarms.clock.advance(MINUTE)
    first, second = sorted(each.due for each in alarm.timers)[:2]
    assert second - first < SECOND
    alarms.call(alarm)
    assert alarms.get(alarm).rang == tuple(
        each.id for each in sorted(alarm.timers, key=lambda each: (each.due, each.id))[:3]
    )


def test_a_handler_may_set_its_timer_again(alarms: Alarms) -> None:
    def again(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(alarm: Alarm) -> None:
            alarm.ring("again")
            alarm.set_timer(Ring, MINUTE, at=alarms.clock())

        return change(alarms.repository, timer.aggregate_id, context, apply)

    alarms.handlers[Ring] = again
    alarm = alarms.add_due()
    for calls in (1, 2):
        assert alarms.call(alarm)
        assert alarms.call(alarm)
        assert alarms.get(alarm).rang == ("again",) * calls
        alarms.clock.advance(2 * MINUTE)


def test_a_handler_may_delete_its_aggregate(alarms: Alarms) -> None:
    def delete(timer: DueTimer, context: CommandContext) -> CommandResult:
        return change(
            alarms.repository, timer.aggregate_id, context, lambda _alarm: None, delete=True
        )

    alarms.handlers[Ring] = delete
    alarm = alarms.add_due(Ring, Snooze)
    assert alarms.call(alarm)
    assert alarms.calls == ["ring"]
    assert not alarms.repository.exists(alarm.id)
    assert "timers" not in alarms.document(alarm)


def test_calls_that_a_recurring_timer_missed_come_once(alarms: Alarms) -> None:
    alarm = alarms.add((Ring, EVERY_MINUTE))
    alarms.clock.advance(timedelta(days=2))
    assert alarms.call(alarm)
    assert alarms.call(alarm)
    assert alarms.get(alarm).rang == ("ring",)
    ahead = alarms.timer(alarm).due - alarms.clock()
    assert timedelta() < ahead <= MINUTE


# Against other commits


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
def test_of_a_call_and_a_cancellation_the_first_commit_counts(
    alarms: Alarms, *, moves: bool, is_first: bool
) -> None:
    """The handler has begun; then somebody cancels or moves, before its commit or after it."""

    def withdraw(alarm: Alarm) -> None:
        alarm.cancel_timer(Ring)
        if moves:
            alarm.set_timer(Ring, 5 * MINUTE, at=alarms.clock())

    def meanwhile(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(alarm: Alarm) -> None:
            alarm.ring("ring")
            if is_first and not withdrawn:
                withdrawn.append(True)
                alarms.change(alarm, withdraw)

        result = change(alarms.repository, timer.aggregate_id, context, apply)
        if not is_first:
            alarms.change(alarms.repository.get(timer.aggregate_id), withdraw)
        return result

    withdrawn: list[bool] = []
    alarms.handlers[Ring] = meanwhile
    alarm = alarms.add_due()
    assert alarms.call(alarm)
    found = alarms.get(alarm)
    assert found.rang == (() if is_first else ("ring",))
    assert (found.timer(Ring) is not None) == moves
    assert all(each.failures == 0 for each in found.timers)


def test_a_change_of_something_else_meanwhile_is_not_lost(alarms: Alarms) -> None:
    def meanwhile(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(alarm: Alarm) -> None:
            if alarm.version == 1:
                alarms.change(alarm, lambda other: other.ring("a command"))
            alarm.ring("a timer")

        return change(alarms.repository, timer.aggregate_id, context, apply)

    alarms.handlers[Ring] = meanwhile
    alarm = alarms.add_due()
    alarms.call(alarm)
    assert alarms.get(alarm).rang == ("a command", "a timer")


# Time


def test_with_too_little_time_left_nothing_is_called(alarms: Alarms) -> None:
    alarm = alarms.add_due()
    assert not alarms.call(alarm, seconds=1.5)
    assert alarms.calls == []
    assert alarms.call(alarm)


def test_a_timer_that_is_always_due_again_ends_with_its_nudge(alarms: Alarms) -> None:
    def at_once_again(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(alarm: Alarm) -> None:
            alarm.set_timer(Ring, timedelta(milliseconds=1), at=alarms.clock() - SECOND)

        return change(alarms.repository, timer.aggregate_id, context, apply)

    alarms.handlers[Ring] = at_once_again
    alarm = alarms.add_due(Ring, Snooze)
    alarms.call(alarm)
    assert len(alarms.calls) <= 101


def test_a_nudge_that_comes_early_is_sent_again(alarms: Alarms) -> None:
    """The clock of the function that committed is ahead."""
    alarm = alarms.add((Ring, 5 * MINUTE))
    due = alarm.timers[0].due
    alarms.nudged.timers.clear()
    assert alarms.call(alarm, due=due)
    assert alarms.nudged.timers == [(ALARMS, alarm.id, due)]
    assert alarms.calls == []


def test_nudges_do_not_multiply(alarms: Alarms) -> None:
    """Of a timer that was moved, the earlier nudges arrive as well; each is done with then."""
    alarm = alarms.add((Ring, MINUTE))
    first_due = alarm.timers[0].due
    alarms.change(alarm, lambda found: found.set_timer(Ring, 5 * MINUTE, at=alarms.clock()))
    alarms.nudged.timers.clear()
    alarms.clock.advance(MINUTE)
    assert alarms.call(alarm, due=first_due)
    assert alarms.nudged.timers == []


def test_a_doubled_nudge_of_a_recurring_timer_is_done_with(alarms: Alarms) -> None:
    alarm = alarms.add((Ring, EVERY_MINUTE), (Snooze, 5 * MINUTE))
    due = min(each.due for each in alarm.timers)
    alarms.clock.advance(due - alarms.clock())
    alarms.nudged.timers.clear()
    for _ in range(3):
        assert alarms.call(alarm, due=due)
    assert alarms.calls == ["ring"]
    assert alarms.nudged.timers == [(ALARMS, alarm.id, alarms.timer(alarm).due)]
