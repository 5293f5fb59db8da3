"""`events.md`: the events of each aggregate, with their attributes."""

from carafe.domain.model import AggregateRoot, DomainEvent

from .documents import Document, Section
from .layout import box_height, narrow, pages
from .mermaid import Box, Relation, class_diagram
from .model import aggregates, attributes_of, events, summary
from .sections import flatten, part_title
from .source import recorders


def document() -> Document:
    """Return the document."""
    sections = flatten(map(_sections, aggregates()))
    unrecorded = [each for each in events() if each not in recorders()]
    if unrecorded:
        table = (("event", "meaning"), *((each.__name__, summary(each)) for each in unrecorded))
        sections = (*sections, Section("Recorded by nobody", table=table))
    return Document("events.md", "Domain events", sections)


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    own = [each for each in events() if aggregate in _aggregates_of(each)]
    event_pages = pages(own, lambda each: box_height(_box(each)))
    return [
        Section(
            part_title(aggregate.__name__, number, len(event_pages)),
            diagram=_diagram(aggregate, page),
            table=(
                ("event", "recorded by", "meaning"),
                *(
                    (each.__name__, _recorder_names(each, aggregate), summary(each))
                    for each in page
                ),
            ),
        )
        for number, page in enumerate(event_pages, start=1)
    ]


def _diagram(aggregate: type[AggregateRoot], own: list[type[DomainEvent]]) -> str:
    relations = [
        Relation(aggregate.__name__, "..>", "", each.__name__, _recorder_names(each, aggregate))
        for each in own
    ]
    columns = [[Box(aggregate.__name__, "aggregate root")], [_box(each) for each in own]]
    return class_diagram(narrow(columns, relations), relations, "LR")


def _box(event: type[DomainEvent]) -> Box:
    members = [f"{each.name}: {each.type_name}" for each in attributes_of(event, DomainEvent)]
    return Box(event.__name__, "event", tuple(members))


def _aggregates_of(event: type[DomainEvent]) -> set[type[AggregateRoot]]:
    return {each.aggregate for each in recorders().get(event, [])}


def _recorder_names(event: type[DomainEvent], aggregate: type[AggregateRoot]) -> str:
    return ", ".join(each.name for each in recorders()[event] if each.aggregate is aggregate)
