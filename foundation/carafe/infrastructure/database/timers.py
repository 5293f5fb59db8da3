"""Timers, as the document of their aggregate keeps them.

    timers          those that are set: {id, due, version, correlation_id, causation_id}, with
                    {cron, zone} if they recur, {failures, again_at} after a failure, and
                    {failures, parking: {at, code, detail}} when they are tried no longer
    next_due        when the first of them calls; missing if none does
    claimed_until   a nudge is under way: until then, sweeps leave them alone
    timers_parked_since  while one is tried no longer: since when

They are written in one step with the state, and only when they changed. What newer code notes in
an entry beside this stays with its timer (decision 0037).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from carafe.contracts.envelope import CommandContext
from carafe.domain.model import AggregateRoot
from carafe.domain.timers import ActiveTimer, Parking, Timers, next_timer
from carafe.infrastructure.timers.grace import LONGEST_DELAY_SECONDS, NUDGE_GRACE

NUDGED_AHEAD = timedelta(seconds=LONGEST_DELAY_SECONDS)
"""What is due within this time is nudged by its commit."""

_FIELDS = ("timers", "next_due", "claimed_until", "timers_parked_since")

_KNOWN = frozenset(
    {
        *("id", "due", "version", "correlation_id", "causation_id"),
        *("cron", "zone", "failures", "again_at", "parking"),
    }
)


def timers_in(document: Mapping[str, Any]) -> Timers:
    """Return the timers of a document.

    Raises:
        KeyError, TypeError: they are damaged.
    """
    entries = document.get("timers")
    return tuple(_timer(each) for each in entries) if entries else ()


class TimerChange(Struct, frozen=True):
    """What a commit does to the timers of its document.

    Attributes:
        timers: those that are set afterwards.
        fields: what the document keeps of them.
        nudge_at: when the nudge is due that follows the commit; None if none does.
    """

    timers: Timers
    fields: dict[str, Any]
    nudge_at: datetime | None

    def add_to(self, update: dict[str, Any]) -> None:
        """Add the change to an update of MongoDB's that sets something."""
        update["$set"] |= self.fields
        if missing := update.get("$unset", {}) | missing_fields(self.fields):
            update["$unset"] = missing

    def note(self, aggregate: AggregateRoot) -> None:
        """Note in the aggregate that the commit took place."""
        aggregate.timers = self.timers
        aggregate.has_changed_timers = False


def timer_change(
    aggregate: AggregateRoot, context: CommandContext, at: datetime, *, is_deletion: bool = False
) -> TimerChange | None:
    """Return what the next commit of an aggregate does to its timers; None for nothing.

    Args:
        aggregate: with its timers as they are to be.
        context: of the command that sets them.
        at: the time of the commit.
        is_deletion: whether the commit deletes the aggregate, which cancels all of them.
    """
    if is_deletion and (aggregate.timers or aggregate.has_changed_timers):
        return TimerChange((), {}, None)
    if not aggregate.has_changed_timers:
        return None
    timers = _noted(aggregate, context)
    fields = timer_fields(timers)
    next_due: datetime | None = fields.get("next_due")
    if next_due is None or next_due - at > NUDGED_AHEAD:
        return TimerChange(timers, fields, None)
    return TimerChange(timers, fields | {"claimed_until": next_due + NUDGE_GRACE}, next_due)


def _noted(aggregate: AggregateRoot, context: CommandContext) -> Timers:
    """Return the timers of an aggregate, with what a commit notes of those that it sets."""
    return tuple(
        each
        if each.version
        else ActiveTimer(  # `replace` takes twice as long
            id=each.id,
            due=each.due,
            recurrence=each.recurrence,
            version=aggregate.version + 1,
            correlation_id=context.correlation_id,
            causation_id=context.causation_id or context.command_id,
            unknown=each.unknown,
        )
        for each in aggregate.timers
    )


def timer_fields(timers: Sequence[ActiveTimer]) -> dict[str, Any]:
    """Return what a document keeps of timers: nothing if there are none."""
    if not timers:
        return {}
    fields: dict[str, Any] = {"timers": [_entry(each) for each in timers]}
    if timer := next_timer(timers):
        fields["next_due"] = timer.next_call
    if parkings := [each.parking.at for each in timers if each.parking]:
        fields["timers_parked_since"] = min(parkings)
    return fields


def timer_fields_in(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a document keeps of its timers."""
    return {name: document[name] for name in _FIELDS if name in document}


def missing_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return what a document must not keep of its timers, as MongoDB's `$unset` takes it."""
    return {name: "" for name in _FIELDS if name not in fields}


def _entry(timer: ActiveTimer) -> dict[str, Any]:
    entry: dict[str, Any] = {
        **(timer.unknown or {}),
        "id": timer.id,
        "due": timer.due,
        "version": timer.version,
        "correlation_id": timer.correlation_id,
        "causation_id": timer.causation_id,
    }
    if timer.recurrence is not None:
        entry |= {"cron": timer.recurrence.cron, "zone": timer.recurrence.zone}
    if timer.failures:
        entry["failures"] = timer.failures
    if timer.again_at is not None:
        entry["again_at"] = timer.again_at
    if timer.parking is not None:
        parking = timer.parking
        entry["parking"] = {"at": parking.at, "code": parking.code, "detail": parking.detail}
    return entry


def _timer(entry: Mapping[str, Any]) -> ActiveTimer:
    recurrence = None
    if "cron" in entry:
        from carafe.domain.recurrence import Recurrence  # noqa: PLC0415 - few need it

        recurrence = Recurrence(cron=entry["cron"], zone=entry["zone"])
    parking = entry.get("parking")
    return ActiveTimer(
        id=entry["id"],
        due=entry["due"],
        recurrence=recurrence,
        version=entry["version"],
        correlation_id=entry["correlation_id"],
        causation_id=entry["causation_id"],
        failures=entry.get("failures", 0),
        again_at=entry.get("again_at"),
        parking=Parking(at=parking["at"], code=parking["code"], detail=parking["detail"])
        if parking
        else None,
        unknown=_unknown(entry),
    )


def _unknown(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    if entry.keys() <= _KNOWN:
        return None
    return {name: value for name, value in entry.items() if name not in _KNOWN}
