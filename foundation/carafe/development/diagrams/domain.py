"""`domain.md`: the aggregates with what they consist of, and the ports of the domain."""

import inspect
from enum import Enum

from carafe.domain.model import AggregateRoot, DomainEvent

from .documents import Document, Section
from .layout import box_height, narrowed, pages
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
from .sections import flat, part_title

# An aggregate knows another by its id alone.
BY_ID = "..>"

_OWN = {"self", "cls"}

# More would make a box too wide for its picture.
MOST_PARAMETERS = 4


def document() -> Document:
    """Return the document."""
    filled = [_ports_section()] if ports() else []
    return Document("domain.md", "Domain", flat([*map(_sections, aggregates()), filled]))


def _sections(aggregate: type[AggregateRoot]) -> list[Section]:
    """Return an aggregate's pictures: each holds a class, what it has, and what that has.

    What lies deeper begins a picture of its own, and so does what a screen cannot hold.
    """
    views: list[tuple[type, list[type]]] = []
    roots: list[type] = [aggregate]
    for root in roots:  # grows while it is walked
        near = _targets(root)
        views += [(root, each) for each in pages(near, _column_height) or [[]]]
        farther = [inner for each in near for inner in _targets(each) if inner not in near]
        roots += [each for each in dict.fromkeys(farther) if _targets(each) and each not in roots]
    return [
        Section(
            part_title(aggregate.__name__, number, len(views)),
            summary(aggregate) if number == 1 else "",
            _diagram(root, near, whole=root not in (each for each, _ in views[: number - 1])),
        )
        for number, (root, near) in enumerate(views, start=1)
    ]


def _diagram(root: type, near: list[type], *, whole: bool) -> str:
    """Return the diagram of a class and some of what it has; not whole, by its name alone."""
    far = dict.fromkeys(inner for each in near for inner in _targets(each))
    classes = [root, *near, *(each for each in far if each not in (root, *near))]
    drawn = {each.__name__ for each in classes}
    relations = [
        each
        for declared in (root, *near)
        for each in _relations(declared)
        if each.end in drawn or (each.line == BY_ID and (declared is not root or whole))
    ]
    others = {each.end for each in relations} - drawn
    first = _box(root) if whole else Box(root.__name__, kind_of(root))
    beside = [Box(name, "aggregate root") for name in sorted(others)]
    columns = [
        [first],
        [_box(each) for each in near if each is not root],
        [*(_box(each) for each in classes if each not in (root, *near)), *beside],
    ]
    return class_diagram(narrowed(columns, relations), relations, "LR")


def _column_height(declared: type) -> int:
    """Return how much height a class takes, with what it has beside it."""
    beside = sum(box_height(_box(each)) for each in _targets(declared))
    return max(box_height(_box(declared)), beside)


def _targets(declared: type) -> list[type]:
    """Return the classes that a class has, in the order of its attributes."""
    if issubclass(declared, Enum):
        return []
    found = dict.fromkeys(each for attribute in _attributes(declared) for each in attribute.targets)
    return [each for each in found if each is not declared]


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
            Relation(declared.__name__, BY_ID, each.many, other.__name__, each.name)
            for other in aggregates()
            if each.name in {f"{_snake(other)}_id", f"{_snake(other)}_ids"}
        ]
    return lines


def _snake(declared: type) -> str:
    letters = (f"_{each.lower()}" if each.isupper() else each for each in declared.__name__)
    return "".join(letters).lstrip("_")
