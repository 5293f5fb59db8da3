"""Examples as code: numbers, dates, times and moments, and what makes values with parts."""

from datetime import datetime, timedelta

from carafe.development.discovery.names import article

YEAR = 2026
NOON = datetime(YEAR, 3, 1, 12)  # noqa: DTZ001 - the zone stands behind it
HOUR = 3600

# By how much moments on the wire, and those at which a timer calls, are later: they must lie ahead
# whenever a test runs, or a reader of the API's description sends one.
AHEAD = NOON.replace(year=2099) - NOON


def function_of(name: str) -> str:
    """Return the function in the tests' support that makes an example: `a_shelf_mark`."""
    return article(name).replace(" ", "_")


def constant_of(name: str) -> str:
    """Return the constant in the tests' support that holds an example as JSON: `A_SHELF_MARK`."""
    return function_of(name).upper()


def several(item: str, count: int) -> str:
    """Return the code of a tuple with so many equal items."""
    return f"({item},)" if count == 1 else f"({', '.join([item] * count)})"


def another_of_its_length(text: str) -> str:
    """Return another text that is as long."""
    return f"{text[:-1]}{'B' if text.endswith('A') else 'A'}"


def scalar(name: str, value: int) -> str:
    """Return the code of a number, date, time of day or moment."""
    if name == "integer":
        return str(value)
    if name == "date":
        return f"date_of({date_text(value)!r})"
    if name == "time":
        return f"time_of({time_text(value)!r})"
    return after_noon(value)


def date_text(days: int) -> str:
    """Return a date as JSON has it, so many days after that of NOON."""
    return f"{NOON + timedelta(days=days):%Y-%m-%d}"


def time_text(seconds: int) -> str:
    """Return a time of day as JSON has it, so many seconds after noon."""
    return f"{NOON + timedelta(seconds=seconds):%H:%M:%S}"


def moment_text(seconds: int, *, lies_ahead: bool) -> str:
    """Return a moment as JSON has it, so many seconds after NOON, or much later."""
    moment = NOON + timedelta(seconds=seconds)
    return f"{moment + AHEAD if lies_ahead else moment:%Y-%m-%dT%H:%M:%SZ}"


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
