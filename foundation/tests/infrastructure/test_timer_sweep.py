"""The sweep of timers: looks ahead, nudges what no commit has nudged, and claims what it nudged."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from carafe.development.event_sources import QueueTrigger
from carafe.domain.timers import Timers
from carafe.infrastructure.timers.grace import BACKLOG_GRACE, LOOK_AHEAD, NUDGE_GRACE
from carafe.infrastructure.timers.nudges import Delayed, TimerNudge, TimerNudges
from carafe.infrastructure.timers.store import DueDocument, TimedDocument
from carafe.infrastructure.timers.sweep import (
    BATCH,
    MOST_NUDGED,
    SHORTEST_BATCH_SECONDS,
    SweptTimers,
    TimerSweep,
)
from carafe.testing.sqs import Sqs
from tests.support.alarms import ALARMS, MINUTE, SECOND, Alarms, Ring, in_seconds

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Recorder:
    """What the stores and the queue were told, in order."""

    steps: list[str] = field(default_factory=list)


class Documents:
    """A store of timers in memory, as far as the sweep needs it."""

    def __init__(self, name: str, recorder: Recorder, dues: Mapping[str, datetime]) -> None:
        self._name = name
        self._recorder = recorder
        self.dues = dict(dues)
        self.claims: dict[str, datetime] = {}

    def due_until(
        self, until: datetime, at: datetime, limit: int, after: DueDocument | None
    ) -> list[DueDocument]:
        place = (after.next_due, after.id) if after else (datetime.min.replace(tzinfo=UTC), "")
        places = sorted((due, each) for each, due in self.dues.items())
        return [
            DueDocument(each, due)
            for due, each in places
            if place < (due, each) and due <= until and not self.claims.get(each, at) > at
        ][:limit]

    def claim(self, until: Mapping[DueDocument, datetime]) -> None:
        self._recorder.steps.append(f"claim {len(until)} {self._name}")
        self.claims |= {each.id: moment for each, moment in until.items()}

    def oldest_due(self) -> datetime | None:
        return min(self.dues.values(), default=None)

    def parked_count(self) -> int:
        return 2

    def with_timers(self, identifiers: Sequence[str]) -> list[TimedDocument]:
        raise NotImplementedError

    def replace(self, document: TimedDocument, timer: Timers, claimed_until: datetime) -> bool:
        raise NotImplementedError


class Queue:
    """What sends nudges, and accepts so many."""

    def __init__(self, recorder: Recorder, accepts: int = 1 << 40) -> None:
        self._recorder = recorder
        self.accepts = accepts
        self.sent: list[Delayed] = []

    def send(self, nudges: Sequence[Delayed]) -> list[Delayed]:
        accepted = list(nudges[: self.accepts])
        self.accepts -= len(accepted)
        self._recorder.steps.append(f"send {len(nudges)}")
        self.sent += accepted
        return accepted

    @property
    def ids(self) -> list[str]:
        return [each for nudge in self.sent for each in nudge.ids]


@dataclass
class Sweeping:
    """A sweep at noon, over documents in memory."""

    recorder: Recorder = field(default_factory=Recorder)
    stores: dict[str, Documents] = field(default_factory=dict)
    at: datetime = NOON

    def __post_init__(self) -> None:
        self.queue = Queue(self.recorder)

    def add(self, name: str, **dues: timedelta) -> Documents:
        moments = {each: NOON + due for each, due in dues.items()}
        self.stores[name] = Documents(name, self.recorder, moments)
        return self.stores[name]

    def add_many(self, name: str, count: int, due: timedelta = -MINUTE) -> Documents:
        return self.add(name, **{f"{name}-{number:06}": due for number in range(count)})

    def sweep(self, seconds: float = 60, most: int = MOST_NUDGED) -> SweptTimers:
        stores: Mapping[str, object] = self.stores
        sweep = TimerSweep(stores, self.queue, lambda: self.at)  # type: ignore[arg-type]
        return sweep.sweep(in_seconds(seconds), most)


@pytest.fixture
def sweeping() -> Sweeping:
    return Sweeping()


def test_a_sweep_looks_ahead_and_no_further(sweeping: Sweeping) -> None:
    sweeping.add("a", b=LOOK_AHEAD, c=LOOK_AHEAD + SECOND, a=-SECOND)
    assert LOOK_AHEAD > MINUTE, "the next sweep comes in a minute"
    result = sweeping.sweep()
    assert sweeping.queue.ids == ["a", "b"]
    assert result == SweptTimers(nudged=2, overdue_seconds=1.0, parked=2, is_finished=True)


def test_each_nudge_is_delayed_until_its_timers_are_due(sweeping: Sweeping) -> None:
    half = timedelta(milliseconds=1_500)
    sweeping.add("a", a=-MINUTE, b=-SECOND, c=half, d=2 * SECOND, e=90 * SECOND)
    sweeping.sweep()
    assert sweeping.queue.sent == [
        Delayed("a", ("a", "b"), NOON - SECOND, 0),
        Delayed("a", ("c", "d"), NOON + 2 * SECOND, 2),
        Delayed("a", ("e",), NOON + 90 * SECOND, 90),
    ]


def test_a_nudge_names_ten_documents_those_that_are_due_first_in_front(sweeping: Sweeping) -> None:
    dues = {f"d{number:02}": -number * SECOND for number in range(25)}
    sweeping.add("a", **dues)
    sweeping.sweep()
    assert [len(each.ids) for each in sweeping.queue.sent] == [10, 10, 5]
    assert sweeping.queue.ids == sorted(dues, reverse=True)
    assert [each.due for each in sweeping.queue.sent] == [
        NOON - seconds * SECOND for seconds in (15, 5, 0)
    ]


def test_what_was_nudged_is_claimed_while_its_nudge_has_time_to_arrive(sweeping: Sweeping) -> None:
    store = sweeping.add("a", overdue=-MINUTE, now=timedelta(), soon=30 * SECOND)
    sweeping.sweep()
    assert store.claims == {
        "overdue": NOON + BACKLOG_GRACE,
        "now": NOON + BACKLOG_GRACE,
        "soon": NOON + 30 * SECOND + NUDGE_GRACE,
    }
    assert sweeping.sweep().nudged == 0
    sweeping.at = NOON + BACKLOG_GRACE + SECOND
    assert sweeping.sweep().nudged == 3, "their nudges were lost"


def test_nudges_are_sent_before_they_are_claimed(sweeping: Sweeping) -> None:
    """The other way round, a crash in between would delay them."""
    sweeping.add("a", a=-SECOND)
    sweeping.sweep()
    assert sweeping.recorder.steps == ["send 1", "claim 1 a"]


def test_what_the_queue_refuses_is_not_claimed_and_ends_the_sweep(sweeping: Sweeping) -> None:
    sweeping.queue.accepts = 1
    first, second = sweeping.add_many("a", 15), sweeping.add_many("b", 1)
    result = sweeping.sweep()
    assert (result.nudged, result.is_finished) == (10, False)
    assert len(first.claims) == 10
    assert second.claims == {}
    sweeping.queue.accepts = 10
    assert sweeping.sweep().nudged == 6


def test_nothing_is_claimed_if_nothing_was_accepted(sweeping: Sweeping) -> None:
    sweeping.queue.accepts = 0
    sweeping.add_many("a", 15)
    assert sweeping.sweep().nudged == 0
    assert sweeping.recorder.steps == ["send 2"]


def test_nothing_to_do_is_done_at_once(sweeping: Sweeping) -> None:
    sweeping.add("a", later=60 * MINUTE)
    assert sweeping.sweep() == SweptTimers(parked=2)
    assert Sweeping().sweep() == SweptTimers()
    assert sweeping.queue.sent == []


def test_collections_take_turns_so_that_none_starves(sweeping: Sweeping) -> None:
    """F57."""
    sweeping.add_many("a", 3 * BATCH)
    sweeping.add_many("b", 5)
    sweeping.sweep()
    claims = [each for each in sweeping.recorder.steps if "claim" in each]
    assert claims == [
        f"claim {BATCH} a",
        "claim 5 b",
        f"claim {BATCH} a",
        f"claim {BATCH} a",
    ]
    assert len(sweeping.queue.ids) == len(set(sweeping.queue.ids)) == 3 * BATCH + 5


def test_a_sweep_nudges_only_so_many_and_the_next_one_goes_on(sweeping: Sweeping) -> None:
    """F57: after an outage, commands wait behind no more than these."""
    sweeping.add_many("a", 5 * BATCH)
    result = sweeping.sweep(most=2 * BATCH)
    assert (result.nudged, result.is_finished) == (2 * BATCH, False)
    rest = sweeping.sweep()
    assert (rest.nudged, rest.is_finished) == (3 * BATCH, True)
    assert len(set(sweeping.queue.ids)) == 5 * BATCH
    assert MOST_NUDGED >= BATCH


def test_no_batch_begins_with_too_little_time(sweeping: Sweeping) -> None:
    sweeping.add_many("a", 5)
    result = sweeping.sweep(seconds=SHORTEST_BATCH_SECONDS - 0.1)
    assert (result.nudged, result.is_finished) == (0, False)
    assert result.overdue_seconds == 60


def test_a_sweep_ends_in_time_and_says_what_is_left(
    sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeping.add_many("a", 3 * BATCH)
    begin = time.monotonic()
    monkeypatch.setattr(time, "monotonic", clock_after(begin, sweeping))
    result = sweeping.sweep(seconds=10)
    assert (result.nudged, result.is_finished) == (BATCH, False)


def clock_after(begin: float, sweeping: Sweeping) -> Callable[[], float]:
    """Return a clock by which each batch takes ten seconds."""
    return lambda: begin + 10 * len([e for e in sweeping.recorder.steps if "claim" in e])


# On real servers


def swept(alarms: Alarms, sqs: Sqs, queue: QueueTrigger) -> SweptTimers:
    nudges = TimerNudges(sqs.client, sqs.url(queue.queue))
    sweep = TimerSweep(alarms.container.timer_stores, nudges, alarms.clock)
    return sweep.sweep(in_seconds(60))


def test_what_no_commit_has_nudged_is_called_in_the_end(
    alarms: Alarms, sqs: Sqs, command_queue: QueueTrigger
) -> None:
    due = [alarms.add((Ring, 20 * MINUTE)) for _ in range(12)]
    assert alarms.nudged.timers == []
    assert swept(alarms, sqs, command_queue).nudged == 0
    alarms.clock.advance(21 * MINUTE)
    result = swept(alarms, sqs, command_queue)
    assert (result.nudged, result.is_finished) == (12, True)
    assert 55 < result.overdue_seconds < 65
    assert swept(alarms, sqs, command_queue).nudged == 0
    for body in sqs.waiting(command_queue.queue):
        alarms.functions.call_timers(
            TimerNudge(body["timers_of"], body["collection"]), in_seconds(30)
        )
    assert all(alarms.get(each).rang == ("ring",) for each in due)
    assert swept(alarms, sqs, command_queue).overdue_seconds == 0


def test_what_its_commit_has_nudged_is_left_to_its_nudge(
    alarms: Alarms, sqs: Sqs, command_queue: QueueTrigger
) -> None:
    alarm = alarms.add((Ring, MINUTE))
    due = alarm.timers[0].due
    assert alarms.nudged.timers == [(ALARMS, alarm.id, due)]
    assert swept(alarms, sqs, command_queue).nudged == 0
    alarms.clock.advance(due + NUDGE_GRACE - alarms.clock())
    assert swept(alarms, sqs, command_queue).nudged == 1, "it was lost"
