"""Checks that a model uses no name twice, and none of Python's or the foundation's."""

import keyword
from collections.abc import Iterable, Iterator

from . import reserved_names
from .external_names import external_class_names
from .locations import located_aggregates, located_collections, located_services, located_values
from .model import Aggregate, Attribute, Model
from .names import camel, snake
from .process_names import process_class_names, process_member_names
from .query_checks import filter_fields
from .source import Location


def name_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield names that are used twice, or that Python, the foundation or other code uses."""
    owners: dict[str, Location] = {}
    for location, name in _class_names(model):
        if owners.setdefault(snake(name), location) != location:
            yield location, f"the name {name} is taken twice"
        if reserved_names.is_class_name(name):
            yield location, f"the name {name} is taken by Python or by the foundation"
        if name.startswith("Test"):
            yield location, f"pytest takes {name} for tests: choose a name that begins otherwise"
    for location, name, reserved in _member_names(model):
        if name in reserved or reserved_names.is_python_name(name):
            yield location, f"the name {name} is taken by Python or by the foundation"
    yield from _constants(model)
    yield from _answers(model)
    yield from _modules(model)
    for aggregate, location in located_aggregates(model):
        yield from _parameters_like_attributes(aggregate, location)


def _constants(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield classes in capitals that are called like a constant beside them.

    A constant stands for what an aggregate's queries show, or for the body of a command in tests.
    """
    constants = {reserved_names.CALLER}
    for aggregate, _ in located_aggregates(model):
        constants |= {aggregate.snake.upper()} if aggregate.queries else set()
        constants |= {snake(each.name).upper() for each in aggregate.commands}
    for location, name in _class_names(model):
        if name in constants:
            message = (
                f"{name} is the name of a constant as well: choose another, not all in capitals"
            )
            yield location, message


def _answers(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield fields of answers that no class can have; it may have `id`, as a function may not."""
    for service, location in located_services(model):
        for each in service.operations:
            for name in names_of(each.returns):
                place: Location = (*location, "operations", each.name, "returns", name)
                if keyword.iskeyword(name) or name in reserved_names.TIMES:
                    yield place, f"the name {name} is taken by Python or by the foundation"


def _modules(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield names of modules and variables that Python, or other generated code, uses itself."""
    for location, name in _module_names(model):
        if reserved_names.is_python_name(snake(name)):
            yield location, f"Python needs the name {snake(name)} itself: call {name} otherwise"
    for value, location in located_values(model):
        if snake(value.name) in names_of(value.attributes):
            message = f"{value.name} is the value itself: call the attribute something else"
            yield (*location, "attributes", snake(value.name)), message
    for declared, location in (*located_services(model), *located_collections(model)):
        if declared.name in reserved_names.DECLARING:
            yield location, f"the name {declared.name} is taken by Python or by the foundation"
    for stored, location in located_collections(model):
        if stored.collection in reserved_names.COLLECTIONS:
            yield location, f"the collection {stored.collection} is taken: choose another"


def _module_names(model: Model) -> Iterator[tuple[Location, str]]:
    yield from ((location, each.name) for each, location in located_values(model))
    yield from ((location, each.name) for each, location in located_services(model))
    yield from ((location, each.name) for each, location in located_collections(model))


def _class_names(model: Model) -> Iterator[tuple[Location, str]]:
    for name in model.enumerations:
        yield ("enumerations", name), name
    for value, location in located_values(model):
        yield location, value.name
        yield from ((location, alias) for alias in _type_aliases(value.attributes))
    for service, location in located_services(model):
        yield location, service.name
        yield location, f"Http{service.name}"
        yield from external_class_names(service, location)
    for aggregate, location in located_aggregates(model):
        yield from _class_names_of(aggregate, location)
    for event in model.inbox_events:
        yield ("subscriptions", event.wire_type), event.name
    yield from process_class_names(model)


def _class_names_of(aggregate: Aggregate, location: Location) -> Iterator[tuple[Location, str]]:
    yield location, aggregate.name
    yield from ((location, name) for name in _derived_class_names(aggregate))
    yield from (((*location, "attributes"), name) for name in _aliases_of(aggregate))
    for part, declarations in (
        ("events", aggregate.events),
        ("commands", aggregate.commands),
        ("queries", aggregate.queries),
        ("timers", aggregate.timers),
    ):
        yield from (((*location, part, each.name), each.name) for each in declarations)
    for event in aggregate.events:
        yield (*location, "events", event.name), f"{event.name}V1"


def _derived_class_names(aggregate: Aggregate) -> Iterator[str]:
    """Yield the other classes of the generated code whose names follow from the aggregate."""
    yield aggregate.plural
    for suffix in ("View", "Page", "Commands", "Queries", "Events", "Timers", "Repository"):
        yield f"{aggregate.name}{suffix}"


def _aliases_of(aggregate: Aggregate) -> Iterator[str]:
    yield from _type_aliases(aggregate.attributes)
    for behavior in aggregate.behaviors:
        yield from _type_aliases(each for each in behavior.takes if each.behavior)


def _parameters_like_attributes(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str]]:
    """Yield parameters whose bounds would have the name of another one's, or of an attribute's."""
    owners = {each.name: f"the attribute {each.name}" for each in aggregate.attributes}
    for behavior in aggregate.behaviors:
        for each in (parameter for parameter in behavior.takes if parameter.behavior):
            own = f"{each.name} of {behavior.name}"
            owner = owners.setdefault(each.full_name, own)
            if owner != own:
                message = f"{own} looks like {owner} in code: take that, or rename it"
                yield (*location, "behaviors", behavior.name, "takes"), message


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
        reserved = reserved_names.ATTRIBUTES | {f"{aggregate.snake}_id"}
        for each in aggregate.attributes:
            yield (*location, "attributes", each.name), each.name, reserved
        yield from _told_names(aggregate, location)
        yield from _message_names(aggregate, location)
        yield from _behavior_names(aggregate, location)
    for event in model.inbox_events:
        for each in event.attributes:
            place: Location = ("subscriptions", event.wire_type, "attributes", each.name)
            yield place, each.name, reserved_names.TOLD
    yield from _operation_names(model)
    yield from process_member_names(model)


def _message_names(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str, Iterable[str]]]:
    """Yield the methods that clients and handlers have for commands, queries and timers."""
    methods = reserved_names.message_methods()
    for command in aggregate.commands:
        reserved = methods | reserved_names.CALLERS
        yield (*location, "commands", command.name), snake(command.name), reserved
    for query in aggregate.queries:
        place: Location = (*location, "queries", query.name)
        yield place, snake(query.name), methods
        for name in filter_fields(query):
            yield (*place, "filters"), name, reserved_names.FILTERS
    for timer in aggregate.timers:
        yield (*location, "timers", timer.name), snake(timer.name), reserved_names.HANDLERS


def _told_names(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str, Iterable[str]]]:
    for event in aggregate.events:
        for each in event.tells:
            yield (*location, "events", event.name, "tells"), each.name, reserved_names.TOLD


def _behavior_names(
    aggregate: Aggregate, location: Location
) -> Iterator[tuple[Location, str, Iterable[str]]]:
    attributes = names_of(aggregate.attributes)
    parameters = reserved_names.ATTRIBUTES | reserved_names.PARAMETERS
    parameters |= {aggregate.snake, f"{aggregate.snake}_id"}
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
