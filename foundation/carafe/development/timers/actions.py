"""Changes timers, each with a commit and an audit record of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from carafe.development.audit import audit
from carafe.development.operator_changes import apply_to_each, operator_context
from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.timers import ActiveTimer, Timers, timer_of, with_timer, without_timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change

from .moments import Moment, time_text
from .search import FoundTimer

AT_ONCE = timedelta(milliseconds=1)
"""The earliest time for which a timer can be set."""

TimerChange = Callable[[Timers, ActiveTimer], Timers]
"""Returns the timers of an aggregate with one of them changed."""


class TimerGone(Exception):
    """A timer is no longer the one that was found."""


def moved_to(due: Moment, at: datetime) -> TimerChange:
    """Return the change that has a timer call at another time, whatever became of it before.

    One that recurs calls by its recurrence afterwards.

    Args:
        due: when it is to call.
        at: the present.

    Raises:
        InvalidValue: no timer can be set for then.
    """
    with_timer((), "", due, at)

    def moved(timers: Timers, timer: ActiveTimer) -> Timers:
        return tuple(
            replace(each, recurrence=timer.recurrence) if each.id == timer.id else each
            for each in with_timer(timers, timer.id, due, at)
        )

    return moved


def cancelled(timers: Timers, timer: ActiveTimer) -> Timers:
    """Return the timers without one; it calls no more, even if it recurs."""
    return without_timer(timers, timer.id)


def change_each(
    service: Container[Any], action: str, found: Sequence[FoundTimer], change_of: TimerChange
) -> int:
    """Change timers one after the other, and return how many stay as they were.

    Args:
        service: whose they are.
        action: what the change is called in the records.
        found: the timers.
        change_of: changes each.

    Raises:
        StoreUnavailable: the store is away; what was recorded is done.
    """

    def commit(timer: FoundTimer) -> Mapping[str, str]:
        return {"due": _commit(service, action, timer, change_of)}

    return apply_to_each(action, found, commit, _record, refusals=(TimerGone,))


def _commit(service: Container[Any], action: str, found: FoundTimer, change_of: TimerChange) -> str:
    """Commit a change, as any command does, and return when the timer is due now."""
    due = ""

    def apply(aggregate: AggregateRoot) -> None:
        nonlocal due
        timer = timer_of(aggregate.timers, found.timer.id)
        if timer is None or timer.occurrence != found.timer.occurrence:
            raise TimerGone("it was called, moved or cancelled meanwhile")
        aggregate.replace_timers(change_of(aggregate.timers, timer))
        changed = timer_of(aggregate.timers, timer.id)
        due = "" if changed is None else time_text(changed.due)

    # What follows belongs to what set the timer.
    context = operator_context(f"timers {action}", str(found), found.timer.correlation_id)
    change(service.repository(found.aggregate), found.aggregate_id, context, apply)
    return due


def _record(action: str, found: FoundTimer, /, **notes: str) -> None:
    audit(
        action,
        collection=collection_of(found.aggregate),
        id=found.aggregate_id,
        timer=found.timer.id,
        was_due=time_text(found.timer.due),
        due=notes.get("due", ""),
    )
