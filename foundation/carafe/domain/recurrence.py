"""Recurrences: what happens again and again, by the clocks of a zone.

What happens when clocks are put forward or back is the rule of Debian's cron. It depends on
whether the fields of minute and hour begin with `*`:

- Neither does: fixed times, such as `30 2 * * *` or `0 9-17 * * *`. Each occurs once. Those that
  clocks skip occur at the moment at which clocks are put forward, together, as one; those that
  clocks show twice occur the first time.
- One does: intervals, such as `*/15 * * * *` or `0 */6 * * *`. They occur whenever clocks show a
  time that fits: not while it is skipped, and twice if it is shown twice. So what occurs every
  minute or every hour neither pauses nor piles up.

The library finds times that fit on a calendar without zones. Which moments those are is decided
here, from a moment alone, since nothing is known of the occurrence before it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import InvalidValue
from .model import ValueObject, schema
from .requirements import LONGEST_TEXT, require_form

_FIELD = "[0-9A-Za-z*,/#-]+"
_FIVE_FIELDS = re.compile(rf" *{_FIELD}(?: +{_FIELD}){{4}} *")

# IANA's names begin with capitals; other files of the same folder, such as `localtime`, do not.
_ZONE_PART = "[A-Z][0-9A-Za-z_+-]*"
_ZONE = re.compile(rf"{_ZONE_PART}(?:/{_ZONE_PART})*")
_NO_ZONE = "must be a name of IANA's database, such as Europe/Berlin or UTC"

_MINUTE = timedelta(minutes=1)

# What is rarest, 29 February on a certain day of the week, may need 40 years.
_FURTHEST = timedelta(days=50 * 366)

# The domain has no clock; from here on, a recurrence must occur.
_CHECKED_FROM = datetime(2026, 1, 1, tzinfo=UTC)


@schema()
class Recurrence(ValueObject):
    """Times that recur, such as every weekday at eight o'clock in Berlin.

    Attributes:
        cron: the five fields of crontab(5): minute, hour, day of month, month, day of week. Kept
            in capitals, with single spaces. If a field of days begins with `*`, a day must fit
            both; otherwise one is enough. Beyond crontab(5): `L`, the last day of a month; `LW`,
            its last weekday; `5L`, its last Friday; `MON#2`, its second Monday.
        zone: a name of IANA's database, such as `Europe/Berlin` or `UTC`.

    Raises:
        InvalidValue: the cron or the zone is malformed or unknown, or no time ever fits.
    """

    cron: str
    zone: str

    def __post_init__(self) -> None:
        require_form(self.zone, "zone", _ZONE, _NO_ZONE)
        require_form(
            self.cron, "cron", _FIVE_FIELDS, "must have five fields, such as 0 8 * * MON-FRI"
        )
        object.__setattr__(self, "cron", " ".join(self.cron.upper().split()))
        if len(self.cron) > LONGEST_TEXT:
            raise InvalidValue("cron", f"must have at most {LONGEST_TEXT} characters")
        _require_occurrence(self.cron, self.zone)

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence after a moment, in UTC and whole seconds.

        Args:
            moment: with a time zone.

        Raises:
            InvalidValue: it has no time zone, or nothing occurs in the fifty years after it.
        """
        if moment.utcoffset() is None:
            raise InvalidValue("moment", "must have a time zone")
        return _first_after(moment, self.cron, _zone_of(self.zone))


@lru_cache(maxsize=256)  # what is read from the store was checked before
def _require_occurrence(cron: str, zone: str) -> None:
    _first_after(_CHECKED_FROM, cron, _zone_of(zone))


def _zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidValue("zone", _NO_ZONE) from None


def _first_after(moment: datetime, cron: str, zone: ZoneInfo) -> datetime:
    try:
        occurrence = min(_candidates(moment, cron, zone), default=None)
    except OverflowError:
        occurrence = None
    if occurrence is None:
        raise InvalidValue("cron", f"does not occur in the fifty years after {moment}")
    return occurrence


def _candidates(moment: datetime, cron: str, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield occurrences after a moment, among them the first."""
    local = moment.astimezone(zone)
    shown = local.replace(tzinfo=None)
    # What clocks will show once more comes before some of what they have not shown yet.
    setback = _offset(local) - _offset(local.replace(fold=1))
    is_interval = any(field.startswith("*") for field in cron.split()[:2])
    for time in _times_after(shown - setback, cron):
        moments = _moments_of(time, zone) if is_interval else [_moment_of(time, zone)]
        later = [each for each in moments if each > moment]
        yield from later
        if time > shown and (later or time - shown > _FURTHEST):
            return


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _times_after(time: datetime, cron: str) -> Iterator[datetime]:
    """Return the times that fit, without a zone; none if there is none in fifty years.

    Raises:
        InvalidValue: a field of the cron is malformed.
    """
    from cronsim import CronSim, CronSimError  # few services have recurrences

    try:
        return CronSim(cron, time)
    except CronSimError as error:
        raise InvalidValue("cron", f"has a {str(error).lower()}: {cron}") from None


def _moments_of(time: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return the moments at which clocks show a time: one, or none, or two."""
    both = {time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(each for each in both if each.astimezone(zone).replace(tzinfo=None) == time)


def _moment_of(time: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment at which clocks show a time, or go on if they skip it."""
    while not (moments := _moments_of(time, zone)):
        time += _MINUTE
    return moments[0]
