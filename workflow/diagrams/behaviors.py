"""`behaviors.md`: each aggregate's methods, the state they change, the events they record."""

from chalicelib.domain.model import AggregateRoot

from .documents import Document, Section, part_title, parts
from .lifecycle import life_cycle
from .mermaid import Node, rows
from .model import aggregates, summary
from .source import Behaviour, behaviours


def document() -> Document:
    """Return the document."""
    sections = [section for each in aggregates() for section in _about(each)]
    return Document("behaviors.md", "Behaviours", tuple(sections))


def _about(aggregate: type[AggregateRoot]) -> list[Section]:
    cycle = life_cycle(aggregate)
    title = f"Life cycle of {aggregate.__name__}"
    return [*_sections(aggregate), *([Section(title, diagram=cycle)] if cycle else [])]


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    own = behaviours(aggregate)
    cuts = parts(own)
    return [
        Section(
            part_title(aggregate.__name__, number, len(cuts)),
            diagram=rows(path for each in own[cut] for path in _paths(each)),
            table=(
                ("behaviour", "meaning"),
                *((each.name, summary(getattr(aggregate, each.name))) for each in own[cut]),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
        if own
    ]


def _paths(behaviour: Behaviour) -> list[list[Node]]:
    begin = [Node(behaviour.name, "behaviour", "round")]
    made = [f"a new {behaviour.aggregate.__name__}"] if behaviour.creates else []
    changed = [*made, *behaviour.changes]
    if changed:
        begin.append(Node("\n".join(changed), "change", row=behaviour.name))
    events = [Node(each.__name__, "event") for each in behaviour.events]
    return [[*begin, each] for each in events] or [begin]
