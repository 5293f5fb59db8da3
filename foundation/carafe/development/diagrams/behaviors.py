"""`behaviors.md`: the methods of each aggregate, with what they change, and their events."""

from carafe.domain.model import AggregateRoot

from .documents import Document, Section
from .effects import deleting_behaviours, timers_of_behaviours
from .lifecycle import life_cycle
from .mermaid import Node
from .model import aggregates, summary
from .sections import flatten, row_sections
from .source import Behaviour, behaviours
from .wiring import Service


def document(service: Service) -> Document:
    """Return the document."""
    sections = flatten(_sections(each, service) for each in aggregates())
    return Document("behaviors.md", "Behaviours", sections)


def _sections(aggregate: type[AggregateRoot], service: Service) -> list[Section]:
    table = (("behaviour", "meaning"), _row)
    sections = row_sections(aggregate.__name__, behaviours(aggregate), _paths, table=table)
    cycle = life_cycle(
        aggregate,
        deleting_behaviours(aggregate, service),
        timers_of_behaviours(aggregate, service),
    )
    if cycle:
        title = f"Life cycle of {aggregate.__name__}"
        sections.append(Section(title, diagram=cycle.diagram(), table=cycle.table()))
    return sections


def _paths(behaviour: Behaviour) -> list[list[Node]]:
    path = [Node(behaviour.name, "behaviour", "round")]
    created = [f"a new {behaviour.aggregate.__name__}"] if behaviour.creates else []
    changes = [*created, *behaviour.changes, *behaviour.timers]
    if changes:
        path.append(Node("\n".join(changes), "change", row=behaviour.name))
    events = [
        *(Node(each.__name__, "event") for each in behaviour.events),
        *(Node(each.__name__, "message") for each in behaviour.commands),
    ]
    return [[*path, each] for each in events] or [path]


def _row(behaviour: Behaviour) -> tuple[str, ...]:
    return behaviour.name, summary(getattr(behaviour.aggregate, behaviour.name))
