"""Examples as code: numbers, dates, times and moments, and what makes values with parts."""

from datetime import datetime, timedelta

from carafe.development.discovery.names import article

YEAR = 2026
NOON = datetime(YEAR, 3, 1, 12)  # noqa: DTZ001 - the zone stands behind it
HOUR = 3600


def function_of(name: str) -> str:
    """Return the function in the tests' support that makes an example: `a_shelf_mark`."""
    return article(name).replace(" ", "_")


def constant_of(name: str) -> str:
    """Return the constant in the tests' support that holds an example as JSON: `A_SHELF_MARK`."""
    return function_of(name).upper()


def several(item: str, count: int) -> str:
    """Return the code of a tuple with so many equal items."""
    return f"({item},)" if count == 1 else f"({', '.join([item] * count)})"


def scalar(name: str, value: int) -> str:
    """Return the code of a number, date, time of day or moment."""
    if name == "integer":
        return str(value)
    if name == "date":
        return f"date_of({date_text(value)!r})"
    if name == "time":
        return f"time_of({f'{NOON + timedelta(seconds=value):%H:%M:%S}'!r})"
    return after_noon(value)


def date_text(days: int) -> str:
    """Return a date as JSON has it, so many days after that of NOON."""
    return f"{NOON + timedelta(days=days):%Y-%m-%d}"


def after_noon(seconds: int) -> str:
    """Return the code of a moment."""
    return f"NOON{later(seconds)}"


def later(seconds: int) -> str:
    """Return what adds seconds to a moment, in the largest unit."""
    if not seconds:
        return ""
    length, unit = next(
        (length, unit)
        for unit, length in (("hours", HOUR), ("minutes", 60), ("seconds", 1))
        if seconds % length == 0
    )
    sign = "+" if seconds > 0 else "-"
    return f" {sign} timedelta({unit}={abs(seconds) // length})"
