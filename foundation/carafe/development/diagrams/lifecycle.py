"""An aggregate's life cycle: which status may follow which, and what leads there.

Read from a table in the aggregate's module called `_FOLLOWS`, which says of each status what
may stand before it, and from the statuses that behaviours set.
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
    return drawn(table, behaviours(aggregate)) if table else ""


def drawn(table: Follows, leading: Sequence[Behaviour]) -> str:
    """Return a state diagram of a table, with what leads from status to status."""
    statuses = list(type(next(iter(table))))
    # Numbered, since a status may be named like a word of Mermaid's.
    ids = {status: f"s{number}" for number, status in enumerate(statuses, start=1)}
    lines = [f'state "{status.name}" as {ids[status]}' for status in statuses]
    for behaviour in leading:
        for status in statuses:
            if status.name in _names_set(behaviour):
                for before in _before(behaviour, status, table, statuses):
                    start = "[*]" if before is None else ids[before]
                    lines.append(f"{start} --> {ids[status]} : {behaviour.name}")
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in ["direction LR", *lines])])


def _names_set(behaviour: Behaviour) -> set[str]:
    return {change.partition(": ")[2] for change in behaviour.changes}


def _before(
    behaviour: Behaviour, status: Enum, table: Follows, statuses: Sequence[Enum]
) -> Iterator[Enum | None]:
    """Yield what may stand before a status; None where a behaviour makes the aggregate."""
    if behaviour.creates:
        yield None
    else:
        yield from sorted(table.get(status, ()), key=statuses.index)
