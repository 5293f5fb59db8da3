"""An aggregate's life cycle: its statuses, and the behaviours that lead from one to another.

The statuses are those of the table `_FOLLOWS` in the aggregate's module, which lists for each one
those that may precede it, or else the attribute `status`, if that is an enumeration. What leads
where is read from the source of the behaviours.
"""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum
from typing import get_type_hints

from carafe.domain.model import AggregateRoot

from .guards import statuses_allowed
from .source import Behaviour, behaviours
from .states import BEGINNING, END, Arrows, State, state_diagram

TABLE = "_FOLLOWS"
STATUS = "status"

ANY = "any status"

Follows = Mapping[Enum, AbstractSet[Enum]]


@dataclass(frozen=True)
class Step:
    """What a behaviour does in a life cycle.

    Attributes:
        behaviour: its name.
        before: the statuses in which it is allowed; None if it creates the aggregate.
        after: the status afterwards; None if that stays, or the aggregate is deleted.
        deletes: it deletes the aggregate.
        timers: the names of those that call it.
    """

    behaviour: str
    before: frozenset[Enum] | None
    after: Enum | None = None
    deletes: bool = False
    timers: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The behaviour, with its timers."""
        return f"{self.behaviour} ({', '.join(self.timers)})" if self.timers else self.behaviour

    @property
    def keeps_the_status(self) -> bool:
        """Whether the status is afterwards what it was."""
        stays = self.after is None or self.before == frozenset({self.after})
        return self.before is not None and stays and not self.deletes


@dataclass(frozen=True)
class LifeCycle:
    """A life cycle.

    Attributes:
        statuses: all that there are.
        steps: in the order of the behaviours.
    """

    statuses: type[Enum]
    steps: tuple[Step, ...]

    def diagram(self) -> str:
        """Return a state diagram, from left to right if that fits a page."""
        arrows = self._arrows()
        names = [each.name for each in self.statuses]
        if any(ANY in ends for ends in arrows):
            names.insert(0, ANY)
        return state_diagram(list(map(State, names)), arrows)

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Return a table of the behaviours that keep the status; empty without any."""
        rows = [
            (each.label, " or ".join(self._names_of(each.before)))
            for each in self.steps
            if each.keeps_the_status and each.before is not None
        ]
        return (("keeps the status", "allowed in"), *rows) if rows else ()

    def _arrows(self) -> Arrows:
        arrows: dict[tuple[str, str], list[str]] = {}
        for each in self.steps:
            if not each.keeps_the_status:
                starts = [BEGINNING] if each.before is None else self._names_of(each.before)
                for start in starts:
                    end = each.after.name if each.after else END
                    arrows.setdefault((start, end), []).append(each.label)
        return arrows

    def _names_of(self, statuses: Collection[Enum]) -> list[str]:
        """Return the names of statuses; for all of them, one that says so."""
        if len(statuses) == len(self.statuses):
            return [ANY]
        return [each.name for each in self.statuses if each in statuses]


def life_cycle(
    aggregate: type[AggregateRoot],
    deleting: Collection[str] = (),
    timers: Mapping[str, Sequence[str]] | None = None,
) -> LifeCycle | None:
    """Return the life cycle of an aggregate; None if no behaviour changes its status.

    Args:
        aggregate: its type.
        deleting: the names of the behaviours that delete it.
        timers: the names of those that call its behaviours, by behaviour.
    """
    table: Follows = getattr(sys.modules[aggregate.__module__], TABLE, {})
    hints = get_type_hints(aggregate)
    statuses = type(next(iter(table))) if table else hints.get(STATUS)
    if not isinstance(statuses, type) or not issubclass(statuses, Enum):
        return None
    attribute = next((name for name, hint in hints.items() if hint is statuses), STATUS)
    steps = tuple(
        replace(step, timers=tuple((timers or {}).get(each.name, ())))
        for each in behaviours(aggregate)
        for step in _steps(each, attribute, statuses, table, is_last=each.name in deleting)
    )
    changes = any(each.before is not None and each.after is not None for each in steps)
    return LifeCycle(statuses, steps) if changes else None


def _steps(
    behaviour: Behaviour, attribute: str, statuses: type[Enum], table: Follows, *, is_last: bool
) -> Iterator[Step]:
    """Yield a step for each status that a behaviour sets, or one if it sets none."""
    allowed = statuses_allowed(behaviour, attribute, statuses)
    mark = f"{attribute}: "
    names = [each.removeprefix(mark) for each in behaviour.changes if each.startswith(mark)]
    targets: list[Enum | None] = [
        statuses[name] for name in names if name in statuses.__members__ and not is_last
    ]
    for target in targets or [None]:
        before = allowed if target is None else allowed & table.get(target, allowed)
        yield Step(
            behaviour.name,
            None if behaviour.creates else frozenset(before),
            target,
            deletes=is_last,
        )
