"""`domain.md`: the aggregates with their parts, and the ports of the domain."""

import inspect
import re
from enum import Enum

from carafe.contracts.integration_events import declared_beside
from carafe.development.discovery.names import snake
from carafe.domain.model import AggregateRoot, DomainEvent
from carafe.domain.process import Process
from carafe.domain.timers import Timer

from .documents import Document, Section
from .layout import box_height, narrow, pages
from .mermaid import Box, Relation, class_diagram
from .model import (
    Attribute,
    aggregates,
    attributes_of,
    behaviours_of,
    ports,
    short_type,
    stereotype_of,
    summary,
)
from .sections import flatten, part_title

# The line to an aggregate that is referred to by its id.
BY_ID = "..>"

_OWN = {"self", "cls"}

# More would make a box too wide for its diagram.
MOST_PARAMETERS = 4


def document() -> Document:
    """Return the document."""
    port_sections = [_ports_section()] if ports() else []
    return Document("domain.md", "Domain", flatten([*map(_sections, aggregates()), port_sections]))


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    """Return the diagrams of an aggregate: each has a class, its parts and the parts of these.

    A part with parts further down gets a diagram of its own. A diagram too high for a screen is
    split.
    """
    views: list[tuple[type, list[type]]] = []
    roots: list[type] = [aggregate]
    for root in roots:  # grows while it is iterated over
        parts = _targets(root)
        views += [(root, each) for each in pages(parts, _column_height) or [[]]]
        inner_parts = [inner for each in parts for inner in _targets(each) if inner not in parts]
        roots += [
            each for each in dict.fromkeys(inner_parts) if _targets(each) and each not in roots
        ]
    return [
        Section(
            part_title(aggregate.__name__, number, len(views)),
            summary(aggregate) if number == 1 else "",
            _diagram(root, parts, whole=root not in (each for each, _ in views[: number - 1])),
        )
        for number, (root, parts) in enumerate(views, start=1)
    ]


def _diagram(root: type, parts: list[type], *, whole: bool) -> str:
    """Return the diagram of a class and some of its parts.

    Args:
        root: the class.
        parts: of it.
        whole: with the members of the class; otherwise it is a box with the name alone.
    """
    first_columns = [root, *parts]
    inner_parts = [
        each
        for each in dict.fromkeys(inner for part in parts for inner in _targets(part))
        if each not in first_columns
    ]
    names = {each.__name__ for each in (*first_columns, *inner_parts)}
    relations = [
        each
        for declared in first_columns
        for each in _relations(declared)
        if each.end in names or (each.line == BY_ID and (declared is not root or whole))
    ]
    other_aggregates = sorted({each.end for each in relations} - names)
    columns = [
        [_box(root) if whole else Box(root.__name__, stereotype_of(root))],
        [_box(each) for each in parts if each is not root],
        [*map(_box, inner_parts), *(Box(name, "aggregate root") for name in other_aggregates)],
    ]
    return class_diagram(narrow(columns, relations), relations, "LR")


def _column_height(declared: type) -> int:
    """Return the height of a class, or of the column of its parts if that is higher."""
    parts = sum(box_height(_box(each)) for each in _targets(declared))
    return max(box_height(_box(declared)), parts)


def _targets(declared: type) -> list[type]:
    """Return the classes of a class's attributes, in their order."""
    if issubclass(declared, Enum):
        return []
    targets = dict.fromkeys(each for attr in _attributes(declared) for each in attr.targets)
    return [each for each in targets if each is not declared]


def _ports_section() -> Section:
    boxes = [
        Box(each.__name__, "port", tuple(_signature(each, name) for name in _port_methods(each)))
        for each in ports()
    ]
    text = "What the domain needs and leaves to others to fill."
    return Section("Ports", text, class_diagram(boxes, [], "LR"))


def _port_methods(port: type) -> list[str]:
    call = ["__call__"] if "__call__" in vars(port) else []
    return [*call, *behaviours_of(port)]


def _attributes(declared: type) -> list[Attribute]:
    # What every aggregate and every process has is not drawn.
    base = next((each for each in (Process, AggregateRoot) if issubclass(declared, each)), None)
    return [
        each
        for each in attributes_of(declared, base)
        if not any(issubclass(target, DomainEvent) for target in each.targets)
    ]


def _box(declared: type) -> Box:
    if issubclass(declared, Enum):
        return Box(declared.__name__, "enumeration", tuple(each.name for each in declared))
    attributes = [f"{each.name}: {each.type_name}" for each in _attributes(declared)]
    if issubclass(declared, AggregateRoot):
        timers = [f"timer {each.__name__}" for each in declared_beside(declared, Timer)]
        attributes = ["id: str", *attributes, *timers]
    methods = [_signature(declared, name) for name in behaviours_of(declared)]
    return Box(
        declared.__name__, stereotype_of(declared), (*attributes, *_properties(declared), *methods)
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
    shown_parameters = ", ".join(parameters) if len(parameters) <= MOST_PARAMETERS else "…"
    return f"{'call' if name == '__call__' else name}({shown_parameters})"


def _relations(declared: type) -> list[Relation]:
    """Return the lines to the classes that a class holds, or refers to by their id."""
    if issubclass(declared, Enum):
        return []
    lines = []
    for each in _attributes(declared):
        for target in each.targets:
            line = "-->" if issubclass(target, Enum) else "*--"
            lines.append(Relation(declared.__name__, line, each.many, target.__name__, each.name))
        lines += [
            Relation(declared.__name__, BY_ID, each.many, other.__name__, each.name)
            for other in _referred_to(each.name)
        ]
    return lines


def _referred_to(attribute: str) -> list[type[AggregateRoot]]:
    """Return the aggregate whose id an attribute holds: `member_id`, or `preferred_member_id`."""
    referred = [
        each for each in aggregates() if re.search(rf"(^|_){snake(each.__name__)}_ids?$", attribute)
    ]
    return sorted(referred, key=lambda each: len(each.__name__))[-1:]
