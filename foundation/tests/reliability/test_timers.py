"""Timers under kills, lost and doubled nudges, wrong clocks and two releases: each calls once.

An effect is counted where it was committed: no timer is lost, none calls twice, and none calls
that was cancelled.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import functions
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.development.event_sources import QueueTrigger
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.repository import Nudge
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.timers.nudges import Delayed, TimerNudge, delay_until
from carafe.infrastructure.timers.sweep import TimerSweep
from carafe.testing.contexts import a_context
from carafe.testing.cutting import MOST_STEPS, killed_at_every_step
from carafe.testing.sqs import Sqs
from carafe.testing.stores import at_once
from chalicelib.domain.order import Order
from tests.support.alarms import (
    MINUTE,
    SECOND,
    Alarm,
    AlarmRepository,
    Alarms,
    Ring,
    Snooze,
    declared,
    in_seconds,
)
from tests.support.cutting import CutOff, Steps, cutting
from tests.support.orders import an_order
from tests.support.reconciliation import Reconciliation


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Return what cuts the work of this process at a step."""
    with cutting(monkeypatch) as steps:
        yield steps


CANCELLED = ["ordering.order.placed.v1", "ordering.order.cancelled.v1"]


# Cut at every step


def test_a_call_cut_at_any_step_takes_effect_once(alarms: Alarms, steps: Steps) -> None:
    """F55."""
    for step in range(1, MOST_STEPS):
        alarm = alarms.add_due(Ring, Snooze)
        cut = steps(step)
        with suppress(CutOff):
            alarms.call(alarm)
        reached = cut.reached
        steps(0)  # nothing is cut any more
        alarms.call(alarm)
        found = alarms.get(alarm)
        assert (found.rang, found.version, found.timers) == (("ring", "snooze"), 3, ())
        if not reached:
            break
    assert step > 6, "the steps of a call are not counted any more"


def test_a_failure_cut_at_any_step_is_noted_or_tried_again(alarms: Alarms, steps: Steps) -> None:
    def fail(_timer: DueTimer, _context: CommandContext) -> CommandResult:
        raise RuntimeError

    for step in range(1, MOST_STEPS):
        alarm = alarms.add_due(Ring, Snooze)
        alarms.handlers[Ring] = fail
        cut = steps(step)
        with suppress(CutOff):
            alarms.call(alarm)
        reached = cut.reached
        steps(0)
        assert alarms.timer(alarm).failures in {0, 1}
        del alarms.handlers[Ring]
        alarms.clock.advance(MINUTE)
        alarms.call(alarm)
        assert alarms.get(alarm).rang == ("ring", "snooze"), "in order"
        if not reached:
            break
    assert step > 3, "the steps of a failure are not counted any more"


# Killed at every step


def an_unpaid_order(service: Container[Any]) -> Order:
    """Store an order whose payment is overdue, and which nobody has nudged."""
    order = an_order()
    order.expect_payment(timedelta(minutes=16), at=now() - timedelta(minutes=17))
    service.repository(Order).add(order, a_context())
    service.database["orders"].update_one({"_id": order.id}, {"$unset": {"claimed_until": ""}})
    return order


def test_execute_killed_at_any_step_calls_once(
    service: Container[Any], environment: Mapping[str, str], reconciliation: Reconciliation
) -> None:
    order = an_order()

    def another() -> list[str]:
        nonlocal order
        order = an_unpaid_order(service)
        return [json.dumps({"timers_of": [order.id], "collection": "orders"})]

    steps = 0
    for steps in killed_at_every_step("execute", another, environment):  # noqa: B007 - the last
        again = TimerNudge([order.id], "orders")
        assert functions.call_timers(again, in_seconds(30))
        reconciliation.end_step(order.id)
        assert service.repository(Order).get(order.id).timers == ()
    assert steps > 4, "the steps of execute are not counted any more"
    assert reconciliation.event_types() == [CANCELLED] * steps


def test_the_sweep_killed_at_any_step_loses_no_timer(
    service: Container[Any],
    environment: Mapping[str, str],
    reconciliation: Reconciliation,
    sqs: Sqs,
    command_queue: QueueTrigger,
) -> None:
    order = an_order()

    def another() -> list[str]:
        nonlocal order
        order = an_unpaid_order(service)
        return []

    steps = 0
    for steps in killed_at_every_step("sweep", another, environment):  # noqa: B007 - the last
        document = service.database["orders"].find_one({"_id": order.id}) or {}
        nudged = nudged_ids(sqs, command_queue)
        assert order.id in nudged or "claimed_until" not in document, "claimed without a nudge"
        service.timer_sweep.sweep(in_seconds(30))
        nudged += nudged_ids(sqs, command_queue)
        assert functions.call_timers(TimerNudge(nudged, "orders"), in_seconds(30))
        reconciliation.end_step(order.id)
    assert steps > 8, "the steps of the sweep are not counted any more"
    assert reconciliation.event_types() == [CANCELLED] * steps


def nudged_ids(sqs: Sqs, queue: QueueTrigger) -> list[str]:
    """Return the ids in the nudges that wait; afterwards none is seen any more."""
    found: list[str] = []
    while bodies := sqs.waiting(queue.queue):
        found += [each for body in bodies for each in body["timers_of"]]
    return found


# Against other writers


def test_whatever_is_called_cancelled_and_moved_at_once_ends_once(alarms: Alarms) -> None:
    """F56: of each timer that was set, either the call or the withdrawal is committed."""
    alarm, count = Alarm(id="a-1"), 40
    for number in range(count):
        alarm.set_timer(Ring, SECOND, at=alarms.clock(), key=str(number))
    alarms.repository.add(alarm, a_context())
    alarms.clock.advance(MINUTE)

    def withdraw(number: int) -> None:
        def apply(found: Alarm) -> None:
            if found.timer(Ring, str(number)):
                found.cancel_timer(Ring, str(number))
                found.ring(f"withdrawn:{number}")

        alarms.change(alarm, apply)

    def work(worker: int) -> None:
        if worker < 3:
            alarms.call(alarm)
        else:
            for number in range(worker, count, 4):
                withdraw(number)

    at_once(6, work)
    alarms.call(alarm)
    found = alarms.get(alarm)
    ended = sorted(int(each.partition(":")[2]) for each in found.rang)
    assert ended == list(range(count)), "lost, or doubled"
    assert found.timers == ()
    assert any(each.startswith("ring") for each in found.rang)


# Nudges that are lost or doubled, clocks that are wrong


class World:
    """Functions with clocks of their own, and a queue that loses and doubles nudges.

    Args:
        alarms: the service; its clock tells the true time.
        offsets: of the clocks of the committing, the sweeping and the calling function.
        seed: of what is lost and doubled.
    """

    def __init__(self, alarms: Alarms, offsets: tuple[int, int, int], seed: int) -> None:
        self.alarms = alarms
        self.rang_at: dict[str, datetime] = {}
        self._random = random.Random(seed)  # noqa: S311 - to be repeated
        self._queue: list[tuple[datetime, TimerNudge]] = []
        committing, sweeping, calling = (self._clock(each) for each in offsets)
        self.committing = committing
        container = alarms.container
        self.repository = AlarmRepository(
            container.database,
            container.outbox,
            self._sender(committing),
            container.cursors,
            committing,
        )
        self._sweep = TimerSweep(container.timer_stores, self, sweeping)  # type: ignore[arg-type]
        self._calls = alarms.calls_by(calling, self._sender(calling))
        alarms.handlers[Ring] = self._ring

    def _clock(self, minutes: int) -> Callable[[], datetime]:
        return lambda: self.alarms.clock() + minutes * MINUTE

    def _sender(self, clock: Callable[[], datetime]) -> Nudge:
        def nudge(collection: str, identifier: str, due: datetime | None = None, /) -> None:
            assert due is not None
            nudged = TimerNudge([identifier], collection, due)
            self._enqueue(nudged, delay_until(due, clock()))

        return nudge

    def send(self, nudges: Sequence[Delayed]) -> list[Delayed]:
        """Send nudges of the sweep, in place of `TimerNudges`."""
        for each in nudges:
            self._enqueue(TimerNudge(list(each.ids), each.collection, each.due), each.delay_seconds)
        return list(nudges)

    def _enqueue(self, nudge: TimerNudge, delay_seconds: int) -> None:
        arrival = self.alarms.clock() + delay_seconds * SECOND
        self._queue += [(arrival, nudge)] * self._random.choice((0, 1, 1, 2))

    def let_pass(self, minutes: int) -> None:
        """Let time pass; a sweep comes each minute, nudges come when they are due."""
        for _ in range(minutes):
            self._sweep.sweep(in_seconds(60))
            for _ in range(4):
                self.alarms.clock.advance(15 * SECOND)
                at = self.alarms.clock()
                arrived = [each for each in self._queue if each[0] <= at]
                self._queue = [each for each in self._queue if each[0] > at]
                for _, nudge in arrived:
                    assert self._calls.settle(nudge, in_seconds(60))

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def _ring(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        result = self.alarms.ring(timer, context)
        self.rang_at.setdefault(timer.aggregate_id, self.alarms.clock())
        return result


@pytest.mark.parametrize(
    "offsets",
    [(0, 0, 0), (5, 0, 0), (-5, 0, 0), (0, 5, -5), (0, -5, 5), (5, -5, -5), (-5, 5, 5)],
)
def test_lost_and_doubled_nudges_and_wrong_clocks_lose_and_double_no_call(
    alarms: Alarms, offsets: tuple[int, int, int]
) -> None:
    """F55: the clocks of the functions are up to ten minutes apart from each other."""
    world = World(alarms, offsets, seed=3)
    dues: dict[str, datetime] = {}
    cancelled: list[Alarm] = []
    for number in range(24):
        alarm = Alarm(id=f"a-{number:02}")
        delay = (number + 1) * MINUTE  # some are nudged by their commit, others by the sweep
        alarm.set_timer(Ring, delay, at=world.committing())
        world.repository.add(alarm, a_context())
        dues[alarm.id] = alarms.clock() + delay
        if number % 4 == 3:
            cancelled.append(alarm)
    for each in cancelled:
        found = world.repository.get(each.id)
        found.cancel_timer(Ring)
        world.repository.save(found, a_context())
        del dues[each.id]
    world.let_pass(45)
    assert [alarms.get(each).rang for each in cancelled] == [()] * len(cancelled), "ghosts"
    found_all = {each.id: each for each in alarms.repository.find(limit=100).items}
    assert {each: found_all[each].rang for each in dues} == dict.fromkeys(dues, ("ring",))
    late = [(world.rang_at[each] - due).total_seconds() / 60 for each, due in dues.items()]
    apart = max(offsets) - min(offsets)
    assert min(late) >= -apart, "too early, by more than the clocks are apart"
    assert max(late) <= apart + 6, "too late, even if three nudges are lost in a row"
    assert world.waiting == 0, "nudges multiply"


# Two releases at once


def test_a_release_in_the_middle_loses_and_doubles_nothing(alarms: Alarms) -> None:
    """F55, F64: older code calls what it knows, and leaves the rest to the newer code."""
    old = Alarms(declared(alarms.clock, knows_snooze=False), alarms.clock)
    due = [alarms.add_due(Ring, Snooze) for _ in range(3)]
    try:
        for each in due:
            old.call(each)
            assert alarms.get(each).rang == ("ring",)
            assert alarms.timer(each, Snooze).failures == 1
        alarms.clock.advance(MINUTE)
        at_once(6, lambda number: (alarms if number % 2 else old).call(*due))
        alarms.clock.advance(15 * MINUTE)
        alarms.call(*due)
        assert [alarms.get(each).rang for each in due] == [("ring", "snooze")] * 3
    finally:
        old.container.close()


def test_code_that_knows_no_timers_keeps_them_and_cancels_them_with_the_aggregate(
    alarms: Alarms,
) -> None:
    """It writes the state alone, by the version that it has read."""
    saved, deleted = alarms.add_due(), alarms.add_due()
    change_of_old_code = {"$set": {"rang": ["old"], "version": 2}}
    alarms.documents.update_one({"_id": saved.id, "version": 1}, change_of_old_code)
    alarms.documents.update_one(
        {"_id": deleted.id, "version": 1},
        {"$set": {"deleted_at": now(), "version": 2}, "$unset": {"rang": ""}},
    )
    assert alarms.call(saved, deleted)
    assert alarms.get(saved).rang == ("old", "ring")
    assert alarms.calls == ["ring"]
