"""`behaviors.md`: each aggregate's methods, the state they change, the events they record."""

from carafe.domain.model import AggregateRoot

from .documents import Document, Section
from .lifecycle import life_cycle
from .mermaid import Node
from .model import aggregates, summary
from .sections import flat, row_sections
from .source import Behaviour, behaviours


def document() -> Document:
    """Return the document."""
    return Document("behaviors.md", "Behaviours", flat(map(_about, aggregates())))


def _about(aggregate: type[AggregateRoot]) -> list[Section]:
    table = (("behaviour", "meaning"), _row)
    sections = row_sections(aggregate.__name__, behaviours(aggregate), _paths, table=table)
    cycle = life_cycle(aggregate)
    if cycle:
        sections.append(Section(f"Life cycle of {aggregate.__name__}", diagram=cycle))
    return sections


def _paths(behaviour: Behaviour) -> list[list[Node]]:
    begin = [Node(behaviour.name, "behaviour", "round")]
    made = [f"a new {behaviour.aggregate.__name__}"] if behaviour.creates else []
    changed = [*made, *behaviour.changes]
    if changed:
        begin.append(Node("\n".join(changed), "change", row=behaviour.name))
    events = [Node(each.__name__, "event") for each in behaviour.events]
    return [[*begin, each] for each in events] or [begin]


def _row(behaviour: Behaviour) -> tuple[str, ...]:
    return behaviour.name, summary(getattr(behaviour.aggregate, behaviour.name))
