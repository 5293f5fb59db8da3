"""Timers of an aggregate: set, moved, cancelled, called."""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar

import pytest

import carafe
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.domain.errors import InvalidValue
from carafe.domain.model import AggregateRoot, schema
from carafe.domain.recurrence import Recurrence
from carafe.domain.requirements import LONGEST_IDENTIFIER
from carafe.domain.timers import (
    FURTHEST,
    MOST_TIMERS,
    ActiveTimer,
    Occurrence,
    Parking,
    Timer,
    Timers,
    TooManyTimers,
    after_call,
    next_timer,
    parked,
    postponed,
)
from carafe.infrastructure.identifiers import timer_command_id
from carafe.infrastructure.service import Service

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
DAILY = Recurrence(cron="0 8 * * *", zone="UTC")


class Expiry(Timer):
    """It is over."""

    name: ClassVar[str] = "expiry"


class Reminder(Timer):
    """Somebody is to be reminded of something."""

    name: ClassVar[str] = "reminder"


@schema(collection="trials")
class Trial(AggregateRoot):
    """Something that ends by itself."""

    title: str = "trial"


@pytest.fixture
def trial() -> Trial:
    return Trial(id="t-1")


def ids(trial: Trial) -> list[str]:
    return sorted(each.id for each in trial.timers)


# Setting


def test_a_timer_is_set_by_a_moment_or_a_delay(trial: Trial) -> None:
    trial.set_timer(Expiry, NOON + HOUR, at=NOON)
    trial.set_timer(Reminder, timedelta(seconds=1), at=NOON)
    assert trial.timer(Expiry) == ActiveTimer(id="expiry", due=NOON + HOUR)
    assert trial.timer(Reminder) == ActiveTimer(id="reminder", due=NOON + timedelta(seconds=1))
    assert trial.has_changed_timers


def test_a_recurring_timer_is_due_at_the_next_occurrence(trial: Trial) -> None:
    trial.set_timer(Reminder, DAILY, at=NOON)
    eight = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert trial.timer(Reminder) == ActiveTimer(id="reminder", due=eight, recurrence=DAILY)


def test_to_set_a_timer_again_moves_it(trial: Trial) -> None:
    """What was noted of the earlier one, such as failures, is no longer true."""
    failed = ActiveTimer(id="expiry", due=NOON, version=3, failures=2, again_at=NOON + HOUR)
    trial.timers = (failed,)
    trial.set_timer(Expiry, HOUR, at=NOON)
    assert trial.timers == (ActiveTimer(id="expiry", due=NOON + HOUR),)


def test_a_recurring_timer_can_be_set_for_once(trial: Trial) -> None:
    trial.set_timer(Reminder, DAILY, at=NOON)
    trial.set_timer(Reminder, HOUR, at=NOON)
    assert trial.timers == (ActiveTimer(id="reminder", due=NOON + HOUR),)


def test_keys_tell_timers_of_a_kind_apart(trial: Trial) -> None:
    for key in ("a", "b:c", ""):
        trial.set_timer(Reminder, HOUR, at=NOON, key=key)
    trial.set_timer(Reminder, 2 * HOUR, at=NOON, key="a")
    assert ids(trial) == ["reminder", "reminder:a", "reminder:b:c"]
    found = trial.timer(Reminder, "b:c")
    assert found is not None
    assert (found.name, found.key, found.due) == ("reminder", "b:c", NOON + HOUR)
    plain = trial.timer(Reminder)
    assert plain is not None
    assert (plain.name, plain.key) == ("reminder", "")
    assert trial.timer(Reminder, "c") is None


def test_a_timer_is_due_in_utc_and_whole_milliseconds_never_too_early(trial: Trial) -> None:
    berlin = timezone(timedelta(hours=1))
    due = datetime(2026, 3, 1, 14, 0, 0, 1, tzinfo=berlin)
    trial.set_timer(Expiry, due, at=NOON)
    (timer,) = trial.timers
    assert timer.due == datetime(2026, 3, 1, 13, 0, 0, 1000, tzinfo=UTC)
    assert timer.due.tzinfo is UTC
    trial.set_timer(Expiry, timer.due, at=NOON)
    assert trial.timers[0].due == timer.due, "whole milliseconds stay as they are"


@pytest.mark.parametrize(
    ("due", "message"),
    [
        (NOON, "lies in the past"),
        (NOON - MILLISECOND, "lies in the past"),
        (timedelta(), "lies in the past"),
        (-HOUR, "lies in the past"),
        (datetime(2026, 3, 2), "needs a time zone"),  # noqa: DTZ001 - that is the fault
        (NOON + FURTHEST + MILLISECOND, "more than a hundred years ahead"),
        (timedelta.max, "too far ahead"),
        (
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
            "too far ahead",
        ),
    ],
)
def test_an_impossible_time_is_refused_and_changes_nothing(
    trial: Trial, due: datetime | timedelta, message: str
) -> None:
    with pytest.raises(InvalidValue, match=message) as refusal:
        trial.set_timer(Expiry, due, at=NOON)
    assert refusal.value.field == "due"
    assert (trial.timers, trial.has_changed_timers) == ((), False)


def test_the_shortest_and_the_longest_time_are_possible(trial: Trial) -> None:
    trial.set_timer(Expiry, MILLISECOND, at=NOON)
    trial.set_timer(Reminder, FURTHEST, at=NOON)
    assert sorted(each.due for each in trial.timers) == [NOON + MILLISECOND, NOON + FURTHEST]


@pytest.mark.parametrize("key", [" ", "x" * (LONGEST_IDENTIFIER + 1)])
def test_a_bad_key_is_refused(trial: Trial, key: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        trial.set_timer(Reminder, HOUR, at=NOON, key=key)
    assert refusal.value.field == "key"
    assert trial.timers == ()


def test_a_hundred_timers_can_be_set_and_each_of_them_be_moved(trial: Trial) -> None:
    for number in range(MOST_TIMERS):
        trial.set_timer(Reminder, HOUR, at=NOON, key=str(number))
    with pytest.raises(TooManyTimers, match="At most 100") as refusal:
        trial.set_timer(Expiry, HOUR, at=NOON)
    assert refusal.value.code == "too_many_timers"
    trial.set_timer(Reminder, 2 * HOUR, at=NOON, key="0")
    assert len(trial.timers) == MOST_TIMERS == 100
    trial.cancel_timer(Reminder, "1")
    trial.set_timer(Expiry, HOUR, at=NOON)


# Cancelling


def test_a_cancelled_timer_is_gone_and_the_others_stay(trial: Trial) -> None:
    for key in ("a", "b"):
        trial.set_timer(Reminder, HOUR, at=NOON, key=key)
    trial.cancel_timer(Reminder, "a")
    assert ids(trial) == ["reminder:b"]


def test_to_cancel_what_is_not_set_is_no_change(trial: Trial) -> None:
    trial.timers = (ActiveTimer(id="reminder:a", due=NOON, version=1),)
    trial.cancel_timer(Expiry)
    trial.cancel_timer(Reminder)
    trial.cancel_timer(Reminder, "b")
    assert (ids(trial), trial.has_changed_timers) == (["reminder:a"], False)


# Calling


def a_timer(identifier: str, minutes: int = 0, **changes: object) -> ActiveTimer:
    timer = ActiveTimer(id=identifier, due=NOON + timedelta(minutes=minutes), version=1)
    return replace(timer, **changes)  # type: ignore[arg-type]


PARKED = Parking(at=NOON, code="broken", detail="")


@pytest.mark.parametrize(
    ("timers", "expected"),
    [
        ([], None),
        ([a_timer("b", 1), a_timer("c", 0), a_timer("a", 2)], "c"),
        ([a_timer("b", 1), a_timer("a", 1)], "a"),
        ([a_timer("a", 0, parking=PARKED), a_timer("b", 1)], "b"),
        ([a_timer("a", 0, parking=PARKED)], None),
        # One that failed holds back what was due after it.
        ([a_timer("a", 0, failures=1, again_at=NOON + 9 * HOUR), a_timer("b", 1)], "a"),
    ],
)
def test_timers_call_in_the_order_in_which_they_are_due(
    timers: list[ActiveTimer], expected: str | None
) -> None:
    found = next_timer(timers)
    assert (found.id if found else None) == expected


def test_a_timer_that_failed_calls_again_later_and_a_parked_one_never() -> None:
    failed = postponed(a_timer("a"), NOON + HOUR)
    assert (failed.failures, failed.next_call, failed.due) == (1, NOON + HOUR, NOON)
    given_up = parked(failed, PARKED)
    assert (given_up.failures, given_up.again_at, given_up.parking) == (2, None, PARKED)
    assert given_up.occurrence == failed.occurrence == a_timer("a").occurrence


def test_what_has_called_is_gone() -> None:
    timers = (a_timer("a"), a_timer("b"))
    assert after_call(timers, timers[0].occurrence, NOON) == timers[1:]


def test_what_failed_before_is_the_same_call() -> None:
    """Otherwise the repeat of a call would take effect twice."""
    before = a_timer("a")
    failed = postponed(before, NOON + HOUR)
    assert after_call((failed,), before.occurrence, NOON) == ()


@pytest.mark.parametrize(
    "timers",
    [
        pytest.param((), id="cancelled, or called before"),
        pytest.param((a_timer("a", 5),), id="moved"),
        pytest.param((a_timer("a", version=2),), id="set again for the same time"),
        pytest.param((a_timer("a:key"), a_timer("b")), id="another one"),
    ],
)
def test_a_call_of_what_is_no_longer_set_does_nothing(timers: Timers) -> None:
    assert after_call(timers, a_timer("a").occurrence, NOON) is None


def test_what_is_set_twice_in_one_version_is_told_apart_by_its_time() -> None:
    """The second commit of a timer has another version; within one commit the last one counts."""
    first, second = a_timer("a", 1), a_timer("a", 2)
    assert first.version == second.version
    assert after_call((second,), first.occurrence, NOON) is None
    assert after_call((second,), second.occurrence, NOON) == ()


@pytest.mark.parametrize("days_away", [0, 1, 400])
def test_a_recurring_timer_is_set_again_and_missed_calls_come_once(days_away: int) -> None:
    due = datetime(2026, 3, 1, 8, tzinfo=UTC)
    timer = ActiveTimer(id="reminder", due=due, recurrence=DAILY, version=7, failures=2)
    at = due + timedelta(days=days_away, seconds=1)
    timers = after_call((timer,), timer.occurrence, at)
    following = due + timedelta(days=days_away + 1)
    assert timers == (ActiveTimer(id="reminder", due=following, recurrence=DAILY),)


def test_a_recurring_timer_called_by_a_clock_that_is_slow_is_not_due_again() -> None:
    due = datetime(2026, 3, 1, 8, tzinfo=UTC)
    timer = ActiveTimer(id="reminder", due=due, recurrence=DAILY, version=7)
    timers = after_call((timer,), timer.occurrence, due - timedelta(minutes=5))
    assert timers is not None
    assert timers[0].due == due + timedelta(days=1)


OCCURRENCE = Occurrence(id="a", version=1, due=NOON)


@pytest.mark.parametrize(
    "other",
    [
        ("others", "x", OCCURRENCE),
        ("trials", "y", OCCURRENCE),
        ("trials", "x", replace(OCCURRENCE, id="b")),
        ("trials", "x", replace(OCCURRENCE, version=2)),
        ("trials", "x", replace(OCCURRENCE, due=NOON + MILLISECOND)),
        ("trials", 'x","a', replace(OCCURRENCE, id="")),
    ],
)
def test_each_call_is_a_command_of_its_own(other: tuple[str, str, Occurrence]) -> None:
    """A repeat of a call has its id, and no other call has."""
    assert timer_command_id("trials", "x", OCCURRENCE) == ("f9735970-2e6c-5c87-9c81-77b32b65883f")
    assert timer_command_id(*other) != timer_command_id("trials", "x", OCCURRENCE)


# Declaring


def a_service() -> Service[carafe.Settings]:
    return Service(
        name="trying",
        version="1.0.0",
        settings=carafe.Settings,
        root=Path("/nowhere"),
        repositories={Trial: "nowhere:TrialRepository"},
        published={},
    )


def test_a_service_knows_the_timers_beside_its_aggregates() -> None:
    kinds = {("trials", "expiry"): Expiry, ("trials", "reminder"): Reminder}
    assert a_service().timer_kinds == kinds


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (None, "Added.name must be words in snake case, such as time_up"),
        ("TimeUp", "Added.name must be words in snake case, such as time_up"),
        ("a:b", "Added.name must be words in snake case, such as time_up"),
        ("expiry", "Trial has two timers of the name expiry"),
    ],
)
def test_a_timer_needs_a_name_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str | None, fault: str
) -> None:
    added = type("Added", (Timer,), {} if name is None else {"name": name})
    monkeypatch.setattr(sys.modules[__name__], "Added", added, raising=False)
    with pytest.raises(ValueError, match=f"^timers: {fault}$"):
        a_service()


def test_each_timer_needs_a_handler_and_no_other_gets_one() -> None:
    table = Handlers(timers=[{Expiry: no_handler}])
    with pytest.raises(ValueError, match="Reminder"):
        table.table([], [Expiry, Reminder])
    assert table.table([], [Expiry]) == {Expiry: no_handler}
    with pytest.raises(ValueError, match="Expiry"):
        table.table([], [])
    with pytest.raises(ValueError, match="Expiry"):
        Handlers(timers=[{Expiry: no_handler}, {Expiry: no_handler}]).table([], [Expiry])


def no_handler(timer: DueTimer, context: CommandContext) -> CommandResult:
    """Is never called."""
    raise NotImplementedError
