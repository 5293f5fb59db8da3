"""Recurrences follow a calendar and a zone, and cannot be built wrong."""

import pkgutil
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from carafe.domain.errors import InvalidValue
from carafe.domain.recurrence import Recurrence

BERLIN, NEW_YORK, APIA = "Europe/Berlin", "America/New_York", "Pacific/Apia"


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("0 8 * * MON-FRI", "2026-05-01T08:00", "2026-05-04T08:00"),
        ("0 8 * * MON-FRI", "2026-05-01T07:59:59.999999", "2026-05-01T08:00"),
        ("0 8 * * MON-FRI", "2026-05-01T08:00:00.000001", "2026-05-04T08:00"),
        ("0 0 1 JAN,JUL *", "2026-05-01T00:00", "2026-07-01T00:00"),
        ("0 0 L * *", "2028-02-01T00:00", "2028-02-29T00:00"),
        ("0 0 LW * *", "2026-05-01T00:00", "2026-05-29T00:00"),
        ("0 0 * * 5L", "2026-05-01T00:00", "2026-05-29T00:00"),
        ("0 0 * * MON#2", "2026-05-01T00:00", "2026-05-11T00:00"),
        ("0 0 * * 7", "2026-05-01T00:00", "2026-05-03T00:00"),
        ("0 0 13 * FRI", "2026-05-01T00:00", "2026-05-08T00:00"),  # one is enough
        ("0 0 */13 * FRI", "2026-05-01T00:00", "2026-08-14T00:00"),  # both
        ("0 0 * 2 MON#5", "2072-03-01T00:00", "2112-02-29T00:00"),  # 2100 has no 29 February
    ],
)
def test_a_day_is_found_as_crontab_says(cron: str, after: str, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    occurrence = Recurrence(cron=cron, zone="UTC").next_after(moment)
    assert occurrence.isoformat(timespec="minutes") == f"{expected}+00:00"


def test_the_zone_of_the_moment_does_not_matter() -> None:
    recurrence = Recurrence(cron="0 8 * * *", zone=BERLIN)
    moment = datetime(2026, 5, 1, 7, tzinfo=UTC)
    expected = datetime(2026, 5, 2, 6, tzinfo=UTC)
    assert recurrence.next_after(moment) == expected
    assert recurrence.next_after(moment.astimezone(ZoneInfo(APIA))) == expected


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(InvalidValue, match="moment: must have a time zone"):
        Recurrence(cron="0 8 * * *", zone=BERLIN).next_after(datetime(2026, 5, 1))  # noqa: DTZ001 - the fault


@pytest.mark.parametrize("cron", ["* * * * *", "0 0 1 1 *", "0 0 * 2 MON#5"])
@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, "Pacific/Kiritimati"])
@pytest.mark.parametrize("moment", [datetime.max, datetime(9999, 12, 31, 23, 59, 30)])  # noqa: DTZ001, DTZ901 - its zone follows
def test_after_the_last_year_nothing_occurs(cron: str, zone: str, moment: datetime) -> None:
    recurrence = Recurrence(cron=cron, zone=zone)
    with pytest.raises(InvalidValue, match="does not occur"):
        recurrence.next_after(moment.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "cron",
    [
        *("", "* * * *", "0 * * * * *", "@daily", "0 8 * * * UTC", "0\t8 * * *", "0 8 * * *\n"),
        *("60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "*/0 * * * *"),
        *("5-1 * * * *", "-1 * * * *", "1,,2 * * * *", "0 8 * * FRI-SUN", "0 8 * * MOON"),
        *("٣ * * * *", "0 0 * * SÜN", "0 0 ? * *", "0 0 * * MON#6", f"{'0,' * 99}0 * * * *"),
    ],
)
def test_a_cron_that_is_not_understood_is_refused(cron: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Recurrence(cron=cron, zone="UTC")
    assert refusal.value.field == "cron"


def test_a_refusal_names_the_bad_field() -> None:
    with pytest.raises(InvalidValue, match=r"cron: has a bad day-of-week: 0 8 \* \* FRI-SUN"):
        Recurrence(cron="0 8 * * fri-sun", zone="UTC")


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("0 0 30 2 *", "UTC"),
        ("0 0 31 4,6,9,11 *", BERLIN),
        ("* * */20 * 1L", "UTC"),  # a last Monday is never the 1st or the 21st
        ("* 2 * 3 SUN#2", NEW_YORK),  # clocks are put forward from 2 to 3 every time
    ],
)
def test_what_never_occurs_is_refused_soon(cron: str, zone: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Recurrence(cron=cron, zone=zone)
    assert refusal.value.field == "cron"


@pytest.mark.parametrize(
    "zone",
    [
        *("", "../x", "/etc/localtime", "Europe/../Europe/Berlin", "Europe", "Europe/", "CET\x00"),
        *("localtime", "right/UTC", "posixrules", "europe/berlin", "Europe/Atlantis", "UTC\n"),
        *("+01:00", "A" * 5_000),
    ],
)
def test_a_zone_that_iana_does_not_name_is_refused(zone: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Recurrence(cron="0 8 * * *", zone=zone)
    assert refusal.value.field == "zone"


def test_every_zone_that_iana_names_is_known() -> None:
    names = (pkgutil.get_data("tzdata", "zones") or b"").decode().split()
    assert BERLIN in names
    for name in names:
        assert Recurrence(cron="0 8 * * *", zone=name).zone == name


def test_recurrences_of_one_cron_and_zone_are_one_value() -> None:
    recurrence = Recurrence(cron=" 0 8  * * mon-fri", zone=BERLIN)
    same = Recurrence(cron="0 8 * * MON-FRI", zone=BERLIN)
    assert recurrence == same
    assert len({recurrence, same}) == 1
    assert recurrence != Recurrence(cron="0 8 * * MON-FRI", zone="UTC")
    assert repr(recurrence) == f"Recurrence(cron='0 8 * * MON-FRI', zone='{BERLIN}')"
    with pytest.raises(FrozenInstanceError):
        recurrence.zone = "UTC"
