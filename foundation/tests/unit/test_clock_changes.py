"""Recurrences on the days on which clocks are changed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carafe.domain.recurrence import Recurrence

BERLIN, NEW_YORK, HAVANA = "Europe/Berlin", "America/New_York", "America/Havana"
CAIRO, LORD_HOWE, APIA = "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia"

# Clocks change from 2 to 3 and from 3 to 2 in Berlin, an hour earlier in autumn in New York; from 0
# to 1 and from 1 to 0 in Havana, where newer time zone data know of no change from 2026 on; from 0
# to 1 and from 24 to 23 in Cairo; from 2 by half an hour on Lord Howe. In Apia, 29 December 2011
# was followed by the 31st.
DAYS = [
    *[(BERLIN, "2026-03-29"), (BERLIN, "2026-10-25")],
    *[(NEW_YORK, "2026-03-08"), (NEW_YORK, "2026-11-01")],
    *[(HAVANA, "2025-03-09"), (HAVANA, "2025-11-02")],
    *[(CAIRO, "2026-04-24"), (CAIRO, "2026-10-29")],
    *[(LORD_HOWE, "2026-10-04"), (LORD_HOWE, "2026-04-05")],
    (APIA, "2011-12-31"),
]


def _of_day(cron: str, zone: str, day: str) -> Iterator[datetime]:
    """Yield, by the clocks of the zone, what occurs on a day."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    end = (start + timedelta(days=1)).astimezone(UTC)
    moment = start.astimezone(UTC) - timedelta(seconds=1)
    recurrence = Recurrence(cron=cron, zone=zone)
    while (occurrence := recurrence.next_after(moment)) < end:
        assert occurrence > moment
        yield occurrence.astimezone(ZoneInfo(zone))
        moment = occurrence


def _shown(moments: Iterator[datetime]) -> str:
    """Return what clocks show at some moments; a `'` marks the second time that they show it."""
    return " ".join(f"{each:%H:%M}" + "'" * each.fold for each in moments)


@pytest.mark.parametrize(
    ("cron", "zone", "day", "expected"),
    [
        # Skipped: at the moment at which clocks are put forward, and all together once.
        ("30 2 * * *", BERLIN, "2026-03-29", "03:00"),
        ("0,20,40 2 * * *", BERLIN, "2026-03-29", "03:00"),
        ("30 1-4 * * *", BERLIN, "2026-03-29", "01:30 03:00 03:30 04:30"),
        ("0 2,3 * * *", BERLIN, "2026-03-29", "03:00"),
        ("30 2 * * *", NEW_YORK, "2026-03-08", "03:00"),
        ("0 0 * * *", HAVANA, "2025-03-09", "01:00"),
        ("0 0 9 3 *", HAVANA, "2025-03-09", "01:00"),
        ("30 0 * * FRI", CAIRO, "2026-04-24", "01:00"),
        ("15 2 * * *", LORD_HOWE, "2026-10-04", "02:30"),
        ("0 12 * * *", APIA, "2011-12-31", "00:00 12:00"),
        ("0 12 30 12 *", APIA, "2011-12-31", "00:00"),
        # Shown twice: the first time.
        ("30 2 * * *", BERLIN, "2026-10-25", "02:30"),
        ("0,30 1-3 * * *", BERLIN, "2026-10-25", "01:00 01:30 02:00 02:30 03:00 03:30"),
        ("30 1 * * *", NEW_YORK, "2026-11-01", "01:30"),
        ("0 0 * * *", HAVANA, "2025-11-02", "00:00"),
        ("30 23 * * *", CAIRO, "2026-10-29", "23:30"),
        ("45 1 * * *", LORD_HOWE, "2026-04-05", "01:45"),
    ],
)
def test_a_fixed_time_occurs_once_when_clocks_change(
    cron: str, zone: str, day: str, expected: str
) -> None:
    assert _shown(_of_day(cron, zone, day)) == expected


@pytest.mark.parametrize(
    ("cron", "zone", "day", "expected"),
    [
        ("30 * 29 * *", BERLIN, "2026-03-29", "00:30 01:30 03:30 04:30"),
        ("0 */2 * * *", BERLIN, "2026-03-29", "00:00 04:00"),
        ("*/30 1-3 * * *", BERLIN, "2026-03-29", "01:00 01:30 03:00 03:30"),
        ("*/30 1 9 3 *", HAVANA, "2025-03-09", "01:00 01:30"),
        ("0 */2 * * *", HAVANA, "2025-03-09", "02:00 04:00"),
        ("*/15 2 * * *", LORD_HOWE, "2026-10-04", "02:30 02:45"),
        ("30 * * * *", BERLIN, "2026-10-25", "00:30 01:30 02:30 02:30' 03:30 04:30"),
        ("*/30 2 * * *", BERLIN, "2026-10-25", "02:00 02:30 02:00' 02:30'"),
        ("0 * * * *", NEW_YORK, "2026-11-01", "00:00 01:00 01:00' 02:00 03:00 04:00"),
        ("0 */6 * * *", HAVANA, "2025-11-02", "00:00 00:00'"),
        ("*/20 23 * * *", CAIRO, "2026-10-29", "23:00 23:20 23:40 23:00' 23:20' 23:40'"),
        ("*/15 1 * * *", LORD_HOWE, "2026-04-05", "01:00 01:15 01:30 01:45 01:30' 01:45'"),
        ("57 * * * *", LORD_HOWE, "2026-04-05", "00:57 01:57 01:57' 02:57 03:57 04:57"),
        ("*/15 2 * * *", LORD_HOWE, "2026-04-05", "02:00 02:15 02:30 02:45"),
    ],
)
def test_an_interval_occurs_whenever_clocks_show_it(
    cron: str, zone: str, day: str, expected: str
) -> None:
    before_5 = takewhile(lambda each: each.hour < 5 or zone == CAIRO, _of_day(cron, zone, day))
    assert _shown(before_5) == expected


@pytest.mark.parametrize(
    ("cron", "gap"),
    [("* * * * *", timedelta(minutes=1)), ("0 * * * *", timedelta(hours=1))],
)
@pytest.mark.parametrize(("zone", "day"), [each for each in DAYS if each[0] != LORD_HOWE])
def test_every_minute_and_every_hour_go_on_evenly(
    cron: str, gap: timedelta, zone: str, day: str
) -> None:
    occurrences = [each.astimezone(UTC) for each in _of_day(cron, zone, day)]
    assert {later - earlier for earlier, later in pairwise(occurrences)} == {gap}


@pytest.mark.parametrize(("zone", "day"), DAYS)
@pytest.mark.parametrize(
    "cron",
    ["0 0 * * *", "*/7 * * * *", "10,50 0-3,23 * * *", "* 1,2 * * *", "17 2 * * *"],
)
def test_what_occurs_follows_from_a_moment_alone(cron: str, zone: str, day: str) -> None:
    """Whoever asks in between, such as after an outage, sees the same occurrences."""
    recurrence = Recurrence(cron=cron, zone=zone)
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    following = None
    for minutes in reversed(range(-150, 210)):
        moment = start + timedelta(minutes=minutes)
        occurrence = recurrence.next_after(moment)
        if following is not None:
            assert occurrence in {moment + timedelta(minutes=1), following}
        following = occurrence


@given(
    cron=st.sampled_from(["*/7 * * * *", "30 2 * * *", "0 */6 * * SUN", "15 0-3 L * *"]),
    zone=st.sampled_from(DAYS).map(lambda each: each[0]),
    moment=st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
    later=st.timedeltas(timedelta(0), timedelta(days=2)),
)
def test_no_occurrence_lies_between_a_moment_and_the_next_one(
    cron: str, zone: str, moment: datetime, later: timedelta
) -> None:
    recurrence = Recurrence(cron=cron, zone=zone)
    occurrence = recurrence.next_after(moment)
    assert moment < occurrence <= recurrence.next_after(moment + later)
    assert recurrence.next_after(occurrence - timedelta(microseconds=1)) == occurrence
    assert (occurrence.tzinfo, occurrence.microsecond) == (UTC, 0)
