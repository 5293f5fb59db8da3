"""`events.md`: what can happen to each aggregate, and what the events tell."""

from carafe.domain.model import AggregateRoot, DomainEvent

from .documents import Document, Section
from .layout import box_height, narrowed, pages
from .mermaid import Box, Relation, class_diagram
from .model import aggregates, attributes_of, events, summary
from .sections import flat, part_title
from .source import raisers


def document() -> Document:
    """Return the document."""
    sections = flat(map(_sections, aggregates()))
    nobody = [each for each in events() if each not in raisers()]
    if nobody:
        table = (("event", "meaning"), *((each.__name__, summary(each)) for each in nobody))
        sections = (*sections, Section("Recorded by nobody", table=table))
    return Document("events.md", "Domain events", sections)


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    own = [each for each in events() if aggregate in _recorders(each)]
    cuts = pages(own, lambda each: box_height(_box(each)))
    return [
        Section(
            part_title(aggregate.__name__, number, len(cuts)),
            diagram=_diagram(aggregate, cut),
            table=(
                ("event", "recorded by", "meaning"),
                *((each.__name__, _by(each, aggregate), summary(each)) for each in cut),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
    ]


def _diagram(aggregate: type[AggregateRoot], own: list[type[DomainEvent]]) -> str:
    relations = [
        Relation(aggregate.__name__, "..>", "", each.__name__, _by(each, aggregate)) for each in own
    ]
    columns = [[Box(aggregate.__name__, "aggregate root")], [_box(each) for each in own]]
    return class_diagram(narrowed(columns, relations), relations, "LR")


def _box(event: type[DomainEvent]) -> Box:
    members = [f"{each.name}: {each.kind}" for each in attributes_of(event, DomainEvent)]
    return Box(event.__name__, "event", tuple(members))


def _recorders(event: type[DomainEvent]) -> set[type[AggregateRoot]]:
    return {each.aggregate for each in raisers().get(event, [])}


def _by(event: type[DomainEvent], aggregate: type[AggregateRoot]) -> str:
    return ", ".join(each.name for each in raisers()[event] if each.aggregate is aggregate)
