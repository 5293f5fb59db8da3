"""Durations, written as `30 minutes` or `1 day 12 hours`."""

import re
from dataclasses import dataclass
from datetime import timedelta

from carafe.domain.timers import FURTHEST

from .suggestions import did_you_mean

UNITS = ("weeks", "days", "hours", "minutes", "seconds")

_FORM = re.compile(r"\d{1,10} [a-z]+( \d{1,10} [a-z]+)*")


class BadDuration(ValueError):
    """A duration is malformed; the message says why."""


@dataclass(frozen=True)
class Duration:
    """How much later something happens.

    Attributes:
        parts: a number of each unit, in the order of UNITS.
    """

    parts: tuple[tuple[str, int], ...]

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return timedelta(**dict(self.parts))


def parse_duration(text: str) -> Duration:
    """Return the duration that a text describes.

    Raises:
        BadDuration: the text is malformed, or the duration is nothing, or too long.
    """
    if not _FORM.fullmatch(text):
        raise BadDuration(f"{text!r} is not a duration; examples: 30 minutes, 1 day 12 hours")
    words = text.split()
    numbers: dict[str, int] = {}
    for number, unit in zip(words[::2], words[1::2], strict=True):
        name = f"{unit.removesuffix('s')}s"
        if name not in UNITS:
            known = f"a duration has {', '.join(UNITS)}"
            raise BadDuration(f"{unit} has no fixed length: {known}{did_you_mean(unit, UNITS)}")
        if name in numbers:
            raise BadDuration(f"{text!r} has {name} twice")
        numbers[name] = int(number)
    duration = Duration(tuple((each, numbers[each]) for each in UNITS if numbers.get(each)))
    _require_length(duration)
    return duration


def _require_length(duration: Duration) -> None:
    try:
        length = duration.length
    except OverflowError:
        length = timedelta.max
    if not length:
        raise BadDuration("a duration is at least one second")
    if length > FURTHEST:
        raise BadDuration("a duration is at most a hundred years: 36525 days")
