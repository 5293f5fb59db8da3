"""Moments, as a person writes them and reads them."""

import re
from datetime import UTC, datetime, timedelta

import click

Moment = datetime | timedelta
"""A time with a zone, or so long after the present."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DELAY = re.compile(rf"\+(\d+)([{''.join(_UNITS)}])", re.ASCII)

_LENGTHS = (("days", 86_400), ("h", 3_600), ("min", 60))
_LEAST = 2  # of a unit: 90 minutes say more than one hour


class MomentType(click.ParamType):  # type: ignore[type-arg] # generic since click 8.5
    """A time with a zone, `2026-03-01T09:00Z`, or a time from now, `+30m`."""

    name = "WHEN"

    def convert(
        self, value: Moment | str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        """Return the moment."""
        if not isinstance(value, str):
            return value
        if delay := _DELAY.fullmatch(value):
            try:
                return timedelta(**{_UNITS[delay[2]]: int(delay[1])})
            except OverflowError:
                self.fail(f"{value} is too far ahead.", param, ctx)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither like 2026-03-01T09:00Z nor like +30m.", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value} needs a time zone: write {value}Z for UTC.", param, ctx)
        return moment


def moment_after(at: datetime, moment: Moment) -> datetime:
    """Return a moment as a time; one beyond the calendar is its last.

    Args:
        at: the present.
        moment: a time, or so long after the present.
    """
    if isinstance(moment, datetime):
        return moment
    try:
        return at + moment
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def time_text(moment: datetime) -> str:
    """Return a time in UTC, to the second, in the form that the commands take."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def length_text(length: timedelta) -> str:
    """Return a length of time in the largest unit that fits, such as `90 min`."""
    seconds = int(length.total_seconds())
    for unit, unit_seconds in _LENGTHS:
        if seconds >= _LEAST * unit_seconds:
            return f"{seconds // unit_seconds} {unit}"
    return f"{seconds} s"
