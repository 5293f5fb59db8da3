"""Resolves the timers of an aggregate, and when its behaviours set them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from carafe.domain.errors import InvalidValue
from carafe.domain.recurrence import Recurrence

from .behavior_resolution import named_behavior
from .durations import BadDuration, Duration, parse_duration
from .faults import Faults
from .model import Attribute, Behavior, Timer, TimerSetting
from .names import sentence
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class TimerResolver:
    """Resolves the timers of one aggregate.

    Attributes:
        aggregate: its name.
        entries: of the aggregate in the file.
        faults: of the model.
    """

    aggregate: str
    entries: Entries
    faults: Faults

    def timers(self, behaviors: Mapping[str, Behavior]) -> Iterator[Timer]:
        """Yield the timers.

        Args:
            behaviors: of the aggregate, by name.
        """
        for name, entries in self.entries.get("timers", {}).items():
            location: Location = ("aggregates", self.aggregate, "timers", name)
            missing = f"{name} calls no behaviour"
            behavior = named_behavior(entries, behaviors, location, missing, self.faults)
            if behavior is not None:
                yield Timer(name, sentence(entries["description"]), behavior)

    def settings(
        self, behavior: str, takes: Sequence[Attribute], attributes: Mapping[str, Attribute]
    ) -> Iterator[TimerSetting]:
        """Yield the timers that a behaviour sets.

        Args:
            behavior: its name.
            takes: its parameters.
            attributes: of the aggregate, by name.
        """
        location: Location = ("aggregates", self.aggregate, "behaviors", behavior, "sets")
        values = {**attributes, **{each.name: each for each in takes}}
        for name, text in self.entries["behaviors"][behavior].get("sets", {}).items():
            place = (*location, name)
            if self._is_timer(name, place) and (due := self._due(text, values, place)):
                yield TimerSetting(name, due)

    def cancels(self, behavior: str) -> Iterator[str]:
        """Yield the names of the timers that a behaviour cancels."""
        location: Location = ("aggregates", self.aggregate, "behaviors", behavior, "cancels")
        for position, name in enumerate(self.entries["behaviors"][behavior].get("cancels", ())):
            if self._is_timer(name, (*location, position)):
                yield name

    def _is_timer(self, name: str, location: Location) -> bool:
        timers = self.entries.get("timers", {})
        if name not in timers:
            message = f"{self.aggregate} has no timer {name}: declare it in timers"
            self.faults.add(location, message + did_you_mean(name, timers))
        return name in timers

    def _due(
        self, text: str | Mapping[str, str], values: Mapping[str, Attribute], location: Location
    ) -> Duration | Attribute | Recurrence | None:
        """Return when a timer calls; None if that is not right."""
        if not isinstance(text, str):
            return self._recurrence(text, location)
        if not _NAME.fullmatch(text):
            try:
                return parse_duration(text)
            except BadDuration as error:
                self.faults.add(location, str(error))
                return None
        if text not in values:
            message = f"{text} is neither a duration, such as 21 days, nor a moment that is known"
            self.faults.add(location, message + did_you_mean(text, values))
        return values.get(text)

    def _recurrence(self, entries: Mapping[str, str], location: Location) -> Recurrence | None:
        try:
            return Recurrence(cron=entries["cron"], zone=entries["zone"])
        except InvalidValue as error:
            known = available_timezones() if error.field == "zone" else ()
            message = f"{error.field} {error.reason}{did_you_mean(entries['zone'], known)}"
            self.faults.add((*location, error.field), message)
            return None
