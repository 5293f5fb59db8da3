"""A timer whose call fails is tried again, then parked; whatever fails fails alone."""

import functools
import logging
from datetime import timedelta
from typing import Any

import pytest
from bson import DatetimeMS

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.domain.errors import RuleBroken
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.errors import ServiceUnavailable, StoreUnavailable
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS
from carafe.infrastructure.timers.grace import NUDGE_GRACE
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.contexts import a_context
from tests.support.alarms import ALARMS, MINUTE, Alarm, Alarms, Ring, Snooze, in_seconds


class NotNow(RuleBroken):
    """What a handler refuses with."""

    code = "not_now"


def refuse(_timer: DueTimer, _context: CommandContext) -> CommandResult:
    raise NotNow("Not now.")


def fail_for_good(alarms: Alarms, alarm: Alarm) -> list[int]:
    """Call a timer until it is parked, and return how long it was held back each time."""
    delays: list[int] = []
    for _ in range(10):
        before = alarms.clock()
        alarms.call(alarm)
        timer = alarms.timer(alarm)
        if timer.parking is not None:
            return delays
        assert timer.again_at is not None, "the failure was not noted"
        delays.append(round((timer.again_at - before).total_seconds()))
        alarms.call(alarm)
        assert alarms.timer(alarm).again_at == timer.again_at, "called before its time"
        alarms.clock.advance(timer.again_at - alarms.clock())
    raise AssertionError("it is never parked")


def test_a_call_that_fails_comes_again_later_and_is_parked_in_the_end(
    alarms: Alarms, caplog: pytest.LogCaptureFixture
) -> None:
    alarms.handlers[Ring] = refuse
    alarm = alarms.add_due()
    with caplog.at_level(logging.WARNING):
        assert fail_for_good(alarms, alarm) == list(RETRY_DELAYS_SECONDS) == [5, 60, 600]
    timer, document = alarms.timer(alarm), alarms.document(alarm)
    assert timer.parking is not None
    assert (timer.parking.code, timer.parking.detail) == ("not_now", "Not now.")
    assert (timer.failures, timer.again_at) == (4, None)
    assert document["timers_parked_since"] == timer.parking.at
    assert "next_due" not in document
    assert alarms.store.parked_count() == 1
    assert [each.message for each in caplog.records] == ["timer held back"] * 3 + ["timer parked"]
    assert alarms.call(alarm)
    assert alarms.calls == ["ring"] * 4


def test_a_failure_is_nudged_for_its_next_attempt_and_claimed_until_then(alarms: Alarms) -> None:
    alarms.handlers[Ring] = refuse
    alarm = alarms.add_due()
    alarms.call(alarm)
    again_at = alarms.timer(alarm).again_at
    document = alarms.document(alarm)
    assert (document["next_due"], document["version"]) == (again_at, 1)
    assert document["claimed_until"] == again_at + NUDGE_GRACE  # type: ignore[operator]
    assert alarms.nudged.timers == [(ALARMS, alarm.id, again_at)]


def test_a_failure_is_forgotten_once_the_call_succeeds(alarms: Alarms) -> None:
    alarms.handlers[Ring] = refuse
    alarm = alarms.add_due()
    alarms.call(alarm)
    alarms.clock.advance(MINUTE)
    del alarms.handlers[Ring]
    alarms.call(alarm)
    assert (alarms.get(alarm).rang, alarms.get(alarm).timers) == (("ring",), ())
    kept = alarms.document(alarm).keys()
    assert not kept & {"timers", "next_due", "claimed_until", "timers_parked_since"}


def test_the_others_of_a_document_wait_for_one_that_fails_until_it_is_parked(
    alarms: Alarms,
) -> None:
    alarms.handlers[Ring] = refuse
    alarm, neighbour = alarms.add_due(Ring, Snooze), alarms.add_due()
    del neighbour
    alarms.call(alarm)
    assert alarms.get(alarm).rang == ()
    fail_for_good(alarms, alarm)
    found = alarms.get(alarm)
    assert (found.rang, [each.id for each in found.timers]) == (("snooze",), ["ring"])


def test_the_timers_of_other_documents_go_on(alarms: Alarms) -> None:
    failing = alarms.add_due()

    def refuse_one(timer: DueTimer, context: CommandContext) -> CommandResult:
        return (refuse if timer.aggregate_id == failing.id else alarms.ring)(timer, context)

    alarms.handlers[Ring] = refuse_one
    others = [alarms.add_due() for _ in range(3)]
    assert alarms.call(others[0], failing, *others[1:])
    assert [alarms.get(each).rang for each in others] == [("ring",)] * 3
    assert alarms.get(failing).rang == ()


def test_a_parked_timer_can_be_set_again(alarms: Alarms) -> None:
    alarms.handlers[Ring] = refuse
    alarm = alarms.add_due()
    fail_for_good(alarms, alarm)
    del alarms.handlers[Ring]
    alarms.change(alarm, lambda found: found.set_timer(Ring, MINUTE, at=alarms.clock()))
    assert "timers_parked_since" not in alarms.document(alarm)
    alarms.clock.advance(2 * MINUTE)
    alarms.call(alarm)
    assert alarms.get(alarm).rang == ("ring",)


def unforeseen(_timer: DueTimer, _context: CommandContext) -> CommandResult:
    raise KeyError("a value that nobody may read")


def foreign(alarms: Alarms, _timer: DueTimer, context: CommandContext) -> CommandResult:
    """Change another aggregate."""
    other = alarms.add()
    return change(alarms.repository, other.id, context, lambda alarm: alarm.ring("wrong"))


def forgetful(alarms: Alarms, timer: DueTimer, _context: CommandContext) -> CommandResult:
    """Change the aggregate, as any command does; the timer is still set."""
    return change(alarms.repository, timer.aggregate_id, a_context(), lambda _alarm: None)


def hiding(alarms: Alarms, timer: DueTimer, context: CommandContext) -> CommandResult:
    """Hide that the aggregate refused."""

    def apply(_alarm: Alarm) -> None:
        raise NotNow("Not now.")

    try:
        return change(alarms.repository, timer.aggregate_id, context, apply)
    except NotNow:
        return CommandResult(id=timer.aggregate_id, version=1)


def away(_timer: DueTimer, _context: CommandContext) -> CommandResult:
    raise ServiceUnavailable("The service gives no usable answer.")


@pytest.mark.parametrize(
    ("handler", "code", "detail"),
    [
        (lambda *_: unforeseen, "KeyError", ""),
        (lambda alarms: functools.partial(foreign, alarms), "foreign_timer", "The handler of a"),
        (lambda alarms: functools.partial(hiding, alarms), "timer_not_settled", "The handler of a"),
        (lambda *_: away, "service_unavailable", "The service gives no usable answer."),
    ],
)
def test_the_reason_of_a_failure_is_kept(
    alarms: Alarms,
    handler: Any,  # noqa: ANN401 - one that makes a handler
    code: str,
    detail: str,
) -> None:
    alarms.handlers[Ring] = handler(alarms)
    alarm = alarms.add_due()
    fail_for_good(alarms, alarm)
    parking = alarms.timer(alarm).parking
    assert parking is not None
    assert parking.code == code
    assert parking.detail.startswith(detail)
    assert detail or not parking.detail
    assert alarms.get(alarm).version == 1


def test_a_handler_that_forgets_the_timer_is_found_out(alarms: Alarms) -> None:
    """Each of its calls changes the aggregate: they must not go on for ever."""
    alarms.handlers[Ring] = functools.partial(forgetful, alarms)
    alarm = alarms.add_due()
    fail_for_good(alarms, alarm)
    assert alarms.calls == ["ring"] * 4
    parking = alarms.timer(alarm).parking
    assert parking is not None
    assert parking.code == "timer_not_settled"


def test_a_timer_that_this_code_does_not_know_is_held_back_then_parked(alarms: Alarms) -> None:
    alarm = alarms.add_due(Ring, Snooze)
    alarms.documents.update_one({"_id": alarm.id}, {"$set": {"timers.0.id": "newer"}})
    alarms.call(alarm)
    assert alarms.get(alarm).rang == ()
    for delay in RETRY_DELAYS_SECONDS:
        alarms.clock.advance(timedelta(seconds=delay + 1))
        alarms.call(alarm)
    found = alarms.get(alarm)
    assert found.rang == ("snooze",)
    (timer,) = found.timers
    assert timer.parking is not None
    assert timer.parking.code == "unknown_timer"


def test_nudges_of_what_is_not_there_are_done_with(alarms: Alarms) -> None:
    deleted = alarms.add_due()
    alarms.repository.delete(alarms.get(deleted), a_context())
    assert alarms.call(Alarm(id="never stored"), deleted, alarms.add())
    nudge = TimerNudge([deleted.id], "no such collection")
    assert alarms.functions.call_timers(nudge, in_seconds(30))
    assert alarms.calls == []


def test_an_attempt_without_the_store_is_none(alarms: Alarms) -> None:
    def without_store(_timer: DueTimer, _context: CommandContext) -> CommandResult:
        raise StoreUnavailable("The database did not answer in time; try again.")

    alarms.handlers[Ring] = without_store
    alarm = alarms.add_due()
    with pytest.raises(StoreUnavailable):
        alarms.call(alarm)
    assert alarms.timer(alarm).failures == 0


def test_a_failure_is_not_noted_on_a_state_that_it_did_not_see(alarms: Alarms) -> None:
    """Whoever changed the aggregate may have moved or cancelled the timer."""

    def move_and_fail(timer: DueTimer, _context: CommandContext) -> CommandResult:
        found = alarms.repository.get(timer.aggregate_id)
        alarms.change(found, lambda alarm: alarm.set_timer(Ring, MINUTE, at=alarms.clock()))
        raise NotNow("Not now.")

    alarms.handlers[Ring] = move_and_fail
    alarm = alarms.add_due()
    assert alarms.call(alarm)
    timer = alarms.timer(alarm)
    assert (timer.version, timer.failures, timer.again_at) == (2, 0, None)


def test_a_login_that_is_renewed_in_the_middle_of_a_call_loses_and_doubles_none(
    alarms: Alarms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler goes on with the new login; what is left, with the next nudge."""

    def renew(timer: DueTimer, context: CommandContext) -> CommandResult:
        monkeypatch.setenv("SWEEP_GRACE_SECONDS", "7")  # any setting that has changed
        assert alarms.service.renew(alarms.container)
        return alarms.ring(timer, context)

    alarms.handlers[Ring] = renew
    alarm, neighbour = alarms.add_due(Ring, Snooze), alarms.add_due(Snooze)
    assert alarms.call(alarm, neighbour)
    assert alarms.get(alarm).rang == ("ring",)
    assert alarms.call(alarm, neighbour)
    assert alarms.get(alarm).rang == ("ring", "snooze")
    assert alarms.get(neighbour).rang == ("snooze",)


# Damage


@pytest.mark.parametrize(
    "damage",
    [
        {"timers.0.due": "tomorrow"},
        {"timers.0": "nonsense"},
        {"timers": "nonsense"},
        {"timers.0.cron": "every day"},
        {"timers.0.parking": {"at": None}},
    ],
)
def test_a_damaged_document_leaves_its_neighbours_alone(
    alarms: Alarms, caplog: pytest.LogCaptureFixture, damage: dict[str, Any]
) -> None:
    good, damaged, other = (alarms.add_due() for _ in range(3))
    alarms.container.database.command("collMod", "alarms", validator={})
    alarms.documents.update_one({"_id": damaged.id}, {"$set": damage})
    assert alarms.call(good, damaged, other)
    assert [alarms.get(each).rang for each in (good, other)] == [("ring",)] * 2
    assert alarms.calls == ["ring"] * 2
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert damaged.id in vars(record).values(), "it says which one"


def test_a_time_that_python_cannot_hold_leaves_the_neighbours_alone(alarms: Alarms) -> None:
    good, damaged = alarms.add_due(), alarms.add_due()
    alarms.documents.update_one({"_id": damaged.id}, {"$set": {"timers.0.due": DatetimeMS(2**53)}})
    assert alarms.call(damaged, good)
    assert alarms.calls == ["ring"]
