"""Checks that a model uses no name twice, and none of Python's or the foundation's."""

from collections.abc import Iterable, Iterator

from . import reserved_names
from .locations import located_aggregates, located_services, located_values
from .model import Aggregate, Attribute, Model
from .names import camel, snake
from .source import Location


def name_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield names that are used twice, or that Python or the foundation uses."""
    owners: dict[str, Location] = {}
    for location, name in _class_names(model):
        if owners.setdefault(snake(name), location) != location:
            yield location, f"the name {name} is taken twice"
        if reserved_names.is_class_name(name):
            yield location, f"the name {name} is taken by Python or by the foundation"
    for location, name, reserved in _member_names(model):
        if name in reserved or reserved_names.is_python_name(name):
            yield location, f"the name {name} is taken by Python or by the foundation"


def _class_names(model: Model) -> Iterator[tuple[Location, str]]:
    for name in model.enumerations:
        yield ("enumerations", name), name
    for value, location in located_values(model):
        yield location, value.name
        yield from ((location, alias) for alias in _type_aliases(value.attributes))
    for service, location in located_services(model):
        yield location, service.name
        yield location, f"Http{service.name}"
    for aggregate, location in located_aggregates(model):
        yield from _class_names_of(aggregate, location)


def _class_names_of(aggregate: Aggregate, location: Location) -> Iterator[tuple[Location, str]]:
    yield location, aggregate.name
    yield from ((location, name) for name in _derived_class_names(aggregate))
    for part, declarations in (
        ("events", aggregate.events),
        ("commands", aggregate.commands),
        ("queries", aggregate.queries),
    ):
        yield from (((*location, part, each.name), each.name) for each in declarations)
    for event in aggregate.events:
        yield (*location, "events", event.name), f"{event.name}V1"
    for each in aggregate.subscriptions:
        yield ("subscriptions", each.wire_type), each.name


def _derived_class_names(aggregate: Aggregate) -> Iterator[str]:
    """Yield the other classes of the generated code whose names follow from the aggregate."""
    yield aggregate.plural
    for suffix in ("View", "Page", "Commands", "Queries", "Events", "Repository"):
        yield f"{aggregate.name}{suffix}"
    yield from _type_aliases(aggregate.attributes)
    for behavior in aggregate.behaviors:
        yield from _type_aliases(each for each in behavior.takes if each.behavior)


def _type_aliases(attributes: Iterable[Attribute]) -> Iterator[str]:
    """Yield the type aliases of attributes with bounds: each of them has its own."""
    for each in attributes:
        if each.type.name in {"text", "integer"}:
            yield f"{each.owner}{camel(each.full_name)}"


def _member_names(model: Model) -> Iterator[tuple[Location, str, Iterable[str]]]:
    """Yield the names of attributes, methods and parameters, with those that are reserved."""
    for value, location in located_values(model):
        for each in value.attributes:
            yield (*location, "attributes", each.name), each.name, reserved_names.ATTRIBUTES
    for aggregate, location in located_aggregates(model):
        for each in aggregate.attributes:
            yield (*location, "attributes", each.name), each.name, reserved_names.ATTRIBUTES
        yield from _message_names(aggregate, location)
        yield from _behavior_names(aggregate, location)
    yield from _operation_names(model)


def _message_names(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str, Iterable[str]]]:
    """Yield the methods that clients and handlers have for commands and queries."""
    methods = reserved_names.message_methods()
    for command in aggregate.commands:
        yield (*location, "commands", command.name), snake(command.name), methods
    for query in aggregate.queries:
        yield (*location, "queries", query.name), snake(query.name), methods


def _behavior_names(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str, Iterable[str]]]:
    attributes = names_of(aggregate.attributes)
    parameters = reserved_names.ATTRIBUTES | {aggregate.snake}
    for behavior in aggregate.behaviors:
        place: Location = (*location, "behaviors", behavior.name)
        yield place, behavior.name, reserved_names.BEHAVIORS | attributes
        for each in behavior.takes:
            yield (*place, "takes"), each.name, parameters


def _operation_names(model: Model) -> Iterator[tuple[Location, str, Iterable[str]]]:
    for service, location in located_services(model):
        for operation in service.operations:
            place: Location = (*location, "operations", operation.name)
            yield place, operation.name, ("key",)
            for each in operation.takes:
                yield (*place, "takes", each.name), each.name, reserved_names.CLIENT_PARAMETERS


def names_of(attributes: Iterable[Attribute]) -> set[str]:
    """Return the names of attributes."""
    return {each.name for each in attributes}
