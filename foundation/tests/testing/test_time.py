"""Tests let time pass by hand: nobody waits, and timers call at their time."""

from datetime import datetime, timedelta

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.domain.recurrence import Recurrence
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.identifiers import now
from carafe.testing import timers as timers_module
from carafe.testing.clock import AdvanceableClock
from carafe.testing.http import Api
from carafe.testing.timers import Timers
from tests.support.alarms import ALARMS, MINUTE, SECOND, Alarm, Alarms, Ring, Snooze
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order


@pytest.fixture
def passing(alarms: Alarms) -> Timers:
    """The timers of the small service."""
    return Timers(alarms.functions, alarms.clock)


def test_a_clock_can_be_set_ahead_and_back() -> None:
    clock = AdvanceableClock()
    assert abs(clock() - now()) < SECOND
    clock.advance(timedelta(days=400))
    assert abs(clock() - now() - timedelta(days=400)) < SECOND
    clock.advance(-timedelta(days=401))
    assert abs(clock() - now() + timedelta(days=1)) < SECOND


def test_a_service_under_test_has_the_time_of_the_test(
    http: Api, timers: Timers, clock: AdvanceableClock
) -> None:
    """Through the API: commands, timers and events have one clock."""
    order_id = place_order(http)
    due = timers.due_of("orders", order_id)
    assert due is not None
    assert timers.let_pass(due - clock() - SECOND) == 0
    assert http.get(f"/orders/{order_id}", CUSTOMER).body["status"] == "placed"
    assert timers.let_pass(SECOND) == 1
    assert http.get(f"/orders/{order_id}", CUSTOMER).body["status"] == "cancelled"
    assert timers.due_of("orders", order_id) is None
    assert timers.let_pass(timedelta(days=365)) == 0


def test_timers_call_in_order_and_at_their_time(alarms: Alarms, passing: Timers) -> None:
    called: list[tuple[str, datetime]] = []

    def note(timer: DueTimer, context: CommandContext) -> CommandResult:
        called.append((timer.aggregate_id, alarms.clock()))
        return alarms.ring(timer, context)

    alarms.handlers[Ring] = note
    late, early = alarms.add((Ring, timedelta(days=2))), alarms.add((Ring, timedelta(days=1)))
    dues = {each.id: each.timers[0].due for each in (early, late)}
    assert passing.let_pass(timedelta(days=3)) == 2
    assert [each for each, _ in called] == [early.id, late.id]
    assert all(timedelta() <= at - dues[each] < MINUTE for each, at in called)


def test_what_is_set_by_a_call_is_called_too(alarms: Alarms, passing: Timers) -> None:
    alarm = alarms.add((Ring, Recurrence(cron="0 8 * * *", zone="UTC")))
    assert passing.let_pass(timedelta(days=5)) == 5
    assert alarms.get(alarm).rang == ("ring",) * 5


def test_what_fails_is_tried_again_while_time_passes(alarms: Alarms, passing: Timers) -> None:
    def fail(_timer: DueTimer, _context: CommandContext) -> CommandResult:
        raise RuntimeError

    alarms.handlers[Ring] = fail
    alarm = alarms.add((Ring, MINUTE), (Snooze, 2 * MINUTE))
    passing.let_pass(timedelta(hours=1))
    assert alarms.calls == ["ring"] * 4 + ["snooze"]
    assert alarms.timer(alarm).parking is not None


def test_what_is_due_now_is_called_without_time_passing(alarms: Alarms, passing: Timers) -> None:
    alarm = alarms.add((Ring, MINUTE))
    assert passing.call_due() == 0
    alarms.clock.advance(MINUTE + SECOND)
    assert passing.call_due() == 1
    assert alarms.get(alarm).rang == ("ring",)


def test_when_a_timer_calls_can_be_asked(alarms: Alarms, passing: Timers) -> None:
    alarm = alarms.add((Ring, 2 * MINUTE), (Snooze, MINUTE))
    assert passing.due_of(ALARMS, alarm.id) == alarms.timer(alarm, Snooze).due
    assert passing.due_of(ALARMS, alarms.add().id) is None
    assert passing.due_of(ALARMS, "never stored") is None


def test_timers_that_call_without_end_are_found_out(
    alarms: Alarms, passing: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(alarm: Alarm) -> None:
            alarm.set_timer(Ring, timedelta(milliseconds=1), at=alarms.clock())

        return change(alarms.repository, timer.aggregate_id, context, apply)

    monkeypatch.setattr(timers_module, "MOST_CALLS", 20)
    alarms.handlers[Ring] = again
    alarms.add((Ring, SECOND))
    with pytest.raises(AssertionError, match="without end"):
        passing.let_pass(timedelta(days=1))
