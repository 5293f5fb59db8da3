"""`events.md`: what can happen to each aggregate, and what the events tell."""

from chalicelib.domain.model import AggregateRoot, DomainEvent

from .documents import Document, Section, part_title, parts
from .mermaid import Box, Relation, class_diagram
from .model import aggregates, attributes_of, events, summary
from .source import raisers

# With their attributes, so many boxes stand below each other on a screen.
MOST_EVENTS = 5


def document() -> Document:
    """Return the document."""
    sections = [section for each in aggregates() for section in _sections(each)]
    nobody = [each for each in events() if each not in raisers()]
    if nobody:
        table = (("event", "meaning"), *((each.__name__, summary(each)) for each in nobody))
        sections.append(Section("Recorded by nobody", table=table))
    return Document("events.md", "Domain events", tuple(sections))


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    own = [each for each in events() if aggregate in _recorders(each)]
    cuts = parts(own, MOST_EVENTS)
    return [
        Section(
            part_title(aggregate.__name__, number, len(cuts)),
            diagram=_diagram(aggregate, own[cut]),
            table=(
                ("event", "recorded by", "meaning"),
                *((each.__name__, _by(each, aggregate), summary(each)) for each in own[cut]),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
        if own
    ]


def _diagram(aggregate: type[AggregateRoot], own: list[type[DomainEvent]]) -> str:
    boxes = [Box(aggregate.__name__, "aggregate root"), *map(_box, own)]
    relations = [
        Relation(aggregate.__name__, "..>", "", each.__name__, _by(each, aggregate)) for each in own
    ]
    return class_diagram(boxes, relations, "LR")


def _box(event: type[DomainEvent]) -> Box:
    members = [f"{each.name}: {each.kind}" for each in attributes_of(event, DomainEvent)]
    return Box(event.__name__, "event", tuple(members))


def _recorders(event: type[DomainEvent]) -> set[type[AggregateRoot]]:
    return {each.aggregate for each in raisers().get(event, [])}


def _by(event: type[DomainEvent], aggregate: type[AggregateRoot]) -> str:
    return ", ".join(each.name for each in raisers()[event] if each.aggregate is aggregate)
