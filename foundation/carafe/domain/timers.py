"""Timers: what an aggregate sets, to be called when a time has come.

A timer is committed with the state of its aggregate. So one that was set calls once, and one that
was cancelled never does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import InvalidValue, RuleBroken
from .requirements import LONGEST_IDENTIFIER, is_snake_case, require_text

if TYPE_CHECKING:
    from .recurrence import Recurrence

MOST_TIMERS = 100
"""Timers of one aggregate: their entries stay far below what a document can hold."""

FURTHEST = timedelta(days=36_525)
"""A hundred years: a time beyond is a mistake."""


class TooManyTimers(RuleBroken):
    """An aggregate has as many timers as it may have."""

    code = "too_many_timers"


class Timer:
    """One kind of timer; a subclass declares it, beside the aggregate, and is never instantiated.

    Attributes:
        name: under which it is stored, in snake case; never changes, unlike the class's.
    """

    name: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parking:
    """Why a timer is tried no longer, until a person moves it.

    Attributes:
        at: when it was given up.
        code: stable name of the failure.
        detail: what an operator should know; empty if that may not be told.
    """

    at: datetime
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveTimer:
    """A timer that is set.

    Attributes:
        id: the name of its kind; with a key, `name:key`.
        due: when it calls, in UTC and whole milliseconds.
        recurrence: by which it is set again whenever it has called; None for once.
        version: of the aggregate, at the commit that set it; 0 before.
        correlation_id: of the command that set it, common to all that follows.
        causation_id: that command.
        failures: how often its call failed.
        again_at: when it calls again, after a failure.
        parking: why it calls no longer; None while it does.
        unknown: what newer code has noted of it; stays with the timer as long as that is set.
    """

    id: str
    due: datetime
    recurrence: "Recurrence | None" = None
    version: int = 0
    correlation_id: str = ""
    causation_id: str = ""
    failures: int = 0
    again_at: datetime | None = None
    parking: Parking | None = None
    unknown: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def name(self) -> str:
        """The name of its kind."""
        return self.id.partition(":")[0]

    @property
    def key(self) -> str:
        """What tells it apart from others of its kind; empty if nothing does."""
        return self.id.partition(":")[2]

    @property
    def next_call(self) -> datetime:
        """When it calls next, unless it is parked."""
        return self.again_at or self.due

    @property
    def occurrence(self) -> "Occurrence":
        """Which call this is."""
        return Occurrence(id=self.id, version=self.version, due=self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One call of a timer: no other call, of this timer or a later one, equals it.

    Attributes:
        id: the timer's.
        version: of the aggregate, at the commit that set the timer.
        due: when it was due.
    """

    id: str
    version: int
    due: datetime


Timers = tuple[ActiveTimer, ...]
"""The timers of an aggregate, in no particular order."""


def faults_of_timers(aggregate: type, timers: Sequence[type[Timer]]) -> list[str]:
    """Return what is wrong with the names of an aggregate's timers: malformed, or used twice.

    Args:
        aggregate: whose timers they are.
        timers: their kinds.
    """
    names = [getattr(each, "name", "") for each in timers]
    return [
        f"{each.__name__}.name must be words in snake case, such as time_up"
        for each, name in zip(timers, names, strict=True)
        if not is_snake_case(name)
    ] + [
        f"{aggregate.__name__} has two timers of the name {name}"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]


def timer_id(timer: type[Timer], key: str = "") -> str:
    """Return the id under which an aggregate has a timer.

    Args:
        timer: its kind.
        key: tells several of a kind apart.

    Raises:
        InvalidValue: the key is too long, or has no visible character.
    """
    if not key:
        return timer.name
    require_text(key, "key", LONGEST_IDENTIFIER)
    return f"{timer.name}:{key}"


def with_timer(
    timers: Timers, identifier: str, due: "datetime | timedelta | Recurrence", at: datetime
) -> Timers:
    """Return the timers with one set, or moved.

    Args:
        timers: those set already.
        identifier: of the one to set.
        due: when it calls: a moment, so much later, or again and again.
        at: the present.

    Raises:
        InvalidValue: it is due in the past, too far ahead, or has no zone.
        TooManyTimers: there are as many as there may be.
    """
    others = without_timer(timers, identifier)
    if len(others) >= MOST_TIMERS:
        raise TooManyTimers(f"At most {MOST_TIMERS} timers can be set at once; cancel some.")
    if isinstance(due, datetime):
        moment, recurrence = due, None
    elif isinstance(due, timedelta):
        moment, recurrence = _later(at, due), None
    else:
        moment, recurrence = due.next_after(at), due
    earlier = timer_of(timers, identifier)
    timer = ActiveTimer(
        id=identifier,
        due=_due(moment, at),
        recurrence=recurrence,
        unknown=earlier.unknown if earlier else None,
    )
    return (*others, timer)


def without_timer(timers: Timers, identifier: str) -> Timers:
    """Return the timers without one, which need not be among them."""
    return tuple(each for each in timers if each.id != identifier)


def timer_of(timers: Sequence[ActiveTimer], identifier: str) -> ActiveTimer | None:
    """Return a timer by its id, or None."""
    return next((each for each in timers if each.id == identifier), None)


def after_call(timers: Timers, occurrence: Occurrence, at: datetime) -> Timers | None:
    """Return the timers that are left when one has called; a recurring one is set again.

    However many calls were missed, the next one lies ahead.

    Args:
        timers: those set.
        occurrence: the call.
        at: the present.

    Returns:
        None if there is no such call: the timer was cancelled or moved, or has called.
    """
    timer = timer_of(timers, occurrence.id)
    if timer is None or timer.occurrence != occurrence:
        return None
    if timer.recurrence is None:
        return without_timer(timers, timer.id)
    due = timer.recurrence.next_after(max(timer.due, at))
    following = ActiveTimer(
        id=timer.id, due=due, recurrence=timer.recurrence, unknown=timer.unknown
    )
    return tuple(following if each is timer else each for each in timers)


def next_timer(timers: Sequence[ActiveTimer]) -> ActiveTimer | None:
    """Return the timer that calls next; None if none does.

    Timers call in the order in which they are due: one whose call failed holds the others back,
    until it succeeds or is parked.
    """
    calling = [each for each in timers if each.parking is None]
    if len(calling) <= 1:
        return calling[0] if calling else None
    return min(calling, key=lambda timer: (timer.due, timer.id))


def parked(timer: ActiveTimer, parking: Parking) -> ActiveTimer:
    """Return a timer that calls no longer."""
    return replace(timer, failures=timer.failures + 1, again_at=None, parking=parking)


def postponed(timer: ActiveTimer, again_at: datetime) -> ActiveTimer:
    """Return a timer that calls again later, after a failure."""
    return replace(timer, failures=timer.failures + 1, again_at=again_at)


def _later(at: datetime, delay: timedelta) -> datetime:
    try:
        return at + delay
    except OverflowError as error:
        raise InvalidValue("due", "is too far ahead") from error


def _due(moment: datetime, at: datetime) -> datetime:
    """Return when a timer is due, in UTC and in whole milliseconds, rounded up."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise InvalidValue("due", "needs a time zone")
    try:
        due = moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValue("due", "is too far ahead") from error
    if due <= at:
        raise InvalidValue("due", "lies in the past")
    if due - at > FURTHEST:
        raise InvalidValue("due", "is more than a hundred years ahead")
    return due + timedelta(microseconds=-due.microsecond % 1000)
