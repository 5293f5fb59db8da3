"""Dates and times of day, in the domain and on the wire."""

from datetime import UTC, date, datetime, time

import msgspec
import pytest

from carafe.contracts.json_schemas import schema_components
from carafe.contracts.values import CalendarDate, TimeOfDay
from carafe.domain.errors import InvalidValue
from carafe.domain.requirements import require_date, require_time


def test_a_date_and_a_time_of_day_are_required() -> None:
    require_date(date(2026, 3, 1), "day")
    require_time(time(23, 59, 59), "opens")


@pytest.mark.parametrize("value", ["2026-03-01", datetime(2026, 3, 1, tzinfo=UTC), None, 1])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue, match="day: must be a date"):
        require_date(value, "day")


@pytest.mark.parametrize(
    "value", ["12:00", datetime(2026, 3, 1, tzinfo=UTC), time(12, tzinfo=UTC), time(12, 0, 0, 1)]
)
def test_what_is_no_time_of_day_is_refused(value: object) -> None:
    with pytest.raises(InvalidValue, match="opens: must"):
        require_time(value, "opens")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (CalendarDate, "2026-03-01", date(2026, 3, 1)),
        (TimeOfDay, "08:30:00", time(8, 30)),
        (TimeOfDay, "23:59:59", time(23, 59, 59)),
    ],
)
def test_they_come_back_from_json(kind: type, text: str, value: object) -> None:
    assert msgspec.convert(text, kind) == value
    assert msgspec.json.encode(value).decode() == f'"{text}"'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CalendarDate, "2026-02-30"),
        (CalendarDate, "2026-03-01T12:00:00Z"),
        (TimeOfDay, "24:00:00"),
        (TimeOfDay, "12:00:00Z"),
        (TimeOfDay, "12:00:00+01:00"),
        (TimeOfDay, "noon"),
    ],
)
def test_what_says_something_else_is_refused(kind: type, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, kind)


def test_documents_describe_them() -> None:
    (day, opens), _ = schema_components([CalendarDate, TimeOfDay], "#/{name}")
    assert day == {"type": "string", "format": "date", "examples": ["2026-03-01"]}
    assert (opens["type"], opens["format"]) == ("string", "partial-time")
    assert opens["pattern"].endswith("$(?!\\n)")
