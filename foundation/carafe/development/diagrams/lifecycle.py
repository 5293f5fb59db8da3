"""An aggregate's life cycle: its statuses, and the behaviours that lead from one to another.

It is read from the table `_FOLLOWS` of the aggregate's module, which lists for each status those
that may precede it, and from the statuses that the behaviours set.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum

from carafe.domain.model import AggregateRoot

from .source import Behaviour, behaviours

TABLE = "_FOLLOWS"

Follows = Mapping[Enum, AbstractSet[Enum]]


def life_cycle(aggregate: type[AggregateRoot]) -> str:
    """Return a state diagram; empty if the aggregate's module has no such table."""
    table: Follows = getattr(sys.modules[aggregate.__module__], TABLE, {})
    return state_diagram(table, behaviours(aggregate)) if table else ""


def state_diagram(table: Follows, transitions: Sequence[Behaviour]) -> str:
    """Return a state diagram.

    Args:
        table: the statuses, each with those that may precede it.
        transitions: the behaviours that may change the status.
    """
    statuses = list(type(next(iter(table))))
    # Numbered, since the name of a status may be a keyword of Mermaid.
    ids = {status: f"s{number}" for number, status in enumerate(statuses, start=1)}
    lines = [f'state "{status.name}" as {ids[status]}' for status in statuses]
    for behaviour in transitions:
        for status in statuses:
            if status.name in _values_set_by(behaviour):
                for predecessor in _predecessors(behaviour, status, table, statuses):
                    start = "[*]" if predecessor is None else ids[predecessor]
                    lines.append(f"{start} --> {ids[status]} : {behaviour.name}")
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in ["direction LR", *lines])])


def _values_set_by(behaviour: Behaviour) -> set[str]:
    return {change.partition(": ")[2] for change in behaviour.changes}


def _predecessors(
    behaviour: Behaviour, status: Enum, table: Follows, statuses: Sequence[Enum]
) -> Iterator[Enum | None]:
    """Yield the statuses that may precede a status; None if the behaviour creates the aggregate."""
    if behaviour.creates:
        yield None
    else:
        yield from sorted(table.get(status, ()), key=statuses.index)
