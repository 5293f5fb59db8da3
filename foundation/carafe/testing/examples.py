"""Values for the examples of any service, in the domain and as JSON."""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from carafe.domain.address import Address

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

AN_ID = "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"

AN_ADDRESS: dict[str, Any] = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}

_numbers = itertools.count(1)
_numbers_within: dict[tuple[int, int], Iterator[int]] = {}

# A short text differs by one letter alone. Their count is a prime, so that they do not repeat
# early when a test makes several texts for each of its aggregates.
_SHORT = 3
_LETTERS = "".join(filter(str.isalnum, map(chr, range(0x30, 0x600))))[:1009]


def an_address(**changes: str) -> Address:
    """Return the address of AN_ADDRESS with some parts changed."""
    return Address(**(AN_ADDRESS | changes))


def date_of(text: str) -> date:
    """Return the date that a text such as 2026-03-01 says."""
    return date.fromisoformat(text)


def time_of(text: str) -> time:
    """Return the time of day that a text such as 12:00:00 says."""
    return time.fromisoformat(text)


def another(text: str, longest: int = 200) -> str:
    """Return a text that differs at each call, such as `Title 7`; at most `longest` long."""
    if longest <= _SHORT:
        return text[: longest - 1] + _LETTERS[next(_numbers) % len(_LETTERS)]
    number = str(next(_numbers) % 10**longest)
    whole = f"{text} {number}"
    return whole if len(whole) <= longest else text[: longest - len(number)] + number


def another_number(least: int, most: int) -> int:
    """Return an integer that differs at each call, until all in the bounds are used."""
    numbers = _numbers_within.setdefault((least, most), itertools.count(1))
    return least + next(numbers) % (most - least + 1)


def another_moment() -> datetime:
    """Return a time after NOON that differs at each call."""
    return NOON + timedelta(milliseconds=next(_numbers))
