"""`domain.md`: the aggregates with what they consist of, and the ports of the domain."""

import inspect
from enum import Enum

from chalicelib.domain.model import AggregateRoot, DomainEvent

from .documents import Document, Section
from .mermaid import Box, Relation, class_diagram
from .model import (
    Attribute,
    aggregates,
    attributes_of,
    behaviours_of,
    kind_of,
    ports,
    short_type,
    summary,
)

_OWN = {"self", "cls"}

# More would make a box too wide for its picture.
MOST_PARAMETERS = 4


def document() -> Document:
    """Return the document."""
    sections = [_aggregate_section(each) for each in aggregates()]
    if ports():
        sections.append(_ports_section())
    return Document("domain.md", "Domain", tuple(sections))


def _aggregate_section(aggregate: type[AggregateRoot]) -> Section:
    classes = _reachable(aggregate)
    relations = [relation for each in classes for relation in _relations(each)]
    others = {each.end for each in relations} - {each.__name__ for each in classes}
    boxes = [*map(_box, classes), *(Box(name, "aggregate root") for name in sorted(others))]
    return Section(
        aggregate.__name__,
        summary(aggregate),
        class_diagram(boxes, relations, "LR"),
    )


def _ports_section() -> Section:
    boxes = [
        Box(each.__name__, "port", tuple(_signature(each, name) for name in _port_methods(each)))
        for each in ports()
    ]
    text = "What the domain needs and leaves to others to fill."
    return Section("Ports", text, class_diagram(boxes, [], "LR"))


def _port_methods(port: type) -> list[str]:
    called = ["__call__"] if "__call__" in vars(port) else []
    return [*called, *behaviours_of(port)]


def _reachable(aggregate: type) -> list[type]:
    """Return the aggregate and the classes inside its boundary, nearest first."""
    found: list[type] = [aggregate]
    for each in found:  # grows while it is walked
        if not issubclass(each, Enum):
            for attribute in _attributes(each):
                found += [inner for inner in attribute.targets if inner not in found]
    return found


def _attributes(declared: type) -> list[Attribute]:
    base = AggregateRoot if issubclass(declared, AggregateRoot) else None
    return [
        each
        for each in attributes_of(declared, base)
        if not any(issubclass(target, DomainEvent) for target in each.targets)
    ]


def _box(declared: type) -> Box:
    if issubclass(declared, Enum):
        return Box(declared.__name__, "enumeration", tuple(each.name for each in declared))
    attributes = [f"{each.name}: {each.kind}" for each in _attributes(declared)]
    if issubclass(declared, AggregateRoot):
        attributes.insert(0, "id: str")
    methods = [_signature(declared, name) for name in behaviours_of(declared)]
    return Box(
        declared.__name__, kind_of(declared), (*attributes, *_properties(declared), *methods)
    )


def _properties(declared: type) -> list[str]:
    return [
        f"/{name}: {short_type(inspect.signature(value.fget).return_annotation)}"
        for name, value in vars(declared).items()
        if isinstance(value, property) and value.fget and not name.startswith("_")
    ]


def _signature(declared: type, name: str) -> str:
    function = getattr(vars(declared)[name], "__func__", vars(declared)[name])
    parameters = [each for each in inspect.signature(function).parameters if each not in _OWN]
    told = ", ".join(parameters) if len(parameters) <= MOST_PARAMETERS else "…"
    return f"{'call' if name == '__call__' else name}({told})"


def _relations(declared: type) -> list[Relation]:
    """Return the lines to the classes that an aggregate holds, or knows by their id."""
    if issubclass(declared, Enum):
        return []
    lines = []
    for each in _attributes(declared):
        for target in each.targets:
            line = "-->" if issubclass(target, Enum) else "*--"
            lines.append(Relation(declared.__name__, line, each.many, target.__name__, each.name))
        lines += [
            Relation(declared.__name__, "..>", each.many, other.__name__, each.name)
            for other in aggregates()
            if each.name in {f"{_snake(other)}_id", f"{_snake(other)}_ids"}
        ]
    return lines


def _snake(declared: type) -> str:
    letters = (f"_{each.lower()}" if each.isupper() else each for each in declared.__name__)
    return "".join(letters).lstrip("_")
