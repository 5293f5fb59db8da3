"""Names that a model must not use twice, nor take from Python or from the foundation."""

from collections.abc import Iterable, Iterator

from . import words
from .model import Aggregate, Attribute, Model
from .names import camel, snake
from .source import Way


def aggregates(model: Model) -> Iterator[tuple[Aggregate, Way]]:
    """Yield the aggregates with their places in the file."""
    for aggregate in model.aggregates:
        yield aggregate, ("aggregates", aggregate.name)


def names(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield names that are taken twice, or by Python, or by the foundation."""
    files: dict[str, str] = {}
    for way, name in _class_names(model):
        owner = files.setdefault(snake(name), str(way))
        if owner != str(way):
            yield way, f"the name {name} is taken twice"
        if name in words.CLASSES | words.IMPORTED or words.taken(name):
            yield way, f"the name {name} is taken by Python or by the foundation"
    for way, name, reserved in _small_names(model):
        if name in reserved or words.taken(name):
            yield way, f"the name {name} is taken by Python or by the foundation"


def _class_names(model: Model) -> Iterator[tuple[Way, str]]:
    for name in model.enumerations:
        yield ("enumerations", name), name
    for name, value in model.values.items():
        way: Way = ("entities" if value.is_entity else "values", name)
        yield way, name
        yield from ((way, alias) for alias in _aliases(value.attributes))
    for service in model.external_services:
        way = ("external_services", service.name)
        yield from ((way, name) for name in (service.name, f"Http{service.name}"))
    for aggregate, way in aggregates(model):
        yield from ((way, name) for name in (aggregate.name, *_derived(aggregate)))
        for part, declared in (
            ("events", aggregate.events),
            ("commands", aggregate.commands),
            ("queries", aggregate.queries),
        ):
            yield from (((*way, part, each.name), each.name) for each in declared)
        for event in aggregate.events:
            yield (*way, "events", event.name), f"{event.name}V1"
        for each in aggregate.subscriptions:
            yield ("subscriptions", each.wire_type), each.name


def _derived(aggregate: Aggregate) -> Iterator[str]:
    """Yield what else is called after an aggregate in the code that is made of it."""
    yield aggregate.plural
    for what in ("View", "Page", "Commands", "Queries", "Events", "Repository"):
        yield f"{aggregate.name}{what}"
    yield from _aliases(aggregate.attributes)
    for behavior in aggregate.behaviors:
        yield from _aliases(each for each in behavior.takes if each.behavior)


def _aliases(attributes: Iterable[Attribute]) -> Iterator[str]:
    """Yield the names of types with bounds, of which each attribute has one of its own."""
    for each in attributes:
        if each.type.name in {"text", "integer"}:
            yield f"{each.owner}{camel(each.full_name)}"


def _small_names(model: Model) -> Iterator[tuple[Way, str, Iterable[str]]]:
    for name, value in model.values.items():
        part = "entities" if value.is_entity else "values"
        for each in value.attributes:
            yield (part, name, "attributes", each.name), each.name, words.ATTRIBUTES
    for aggregate, way in aggregates(model):
        attributes = named(aggregate.attributes)
        for each in aggregate.attributes:
            yield (*way, "attributes", each.name), each.name, words.ATTRIBUTES
        yield from _methods(aggregate, way)
        for behavior in aggregate.behaviors:
            here = (*way, "behaviors", behavior.name)
            yield here, behavior.name, words.BEHAVIORS | attributes
            for take in behavior.takes:
                yield (*here, "takes"), take.name, words.ATTRIBUTES | {aggregate.snake}
    for service in model.external_services:
        for operation in service.operations:
            here = ("external_services", service.name, "operations", operation.name)
            yield here, operation.name, ("key",)
            for taken in operation.takes:
                yield (*here, "takes", taken.name), taken.name, ("key", "self", "body")


def _methods(aggregate: Aggregate, way: Way) -> Iterator[tuple[Way, str, Iterable[str]]]:
    """Yield the methods that clients and handlers have for commands and queries."""
    for command in aggregate.commands:
        yield (*way, "commands", command.name), snake(command.name), words.methods()
    for query in aggregate.queries:
        yield (*way, "queries", query.name), snake(query.name), words.methods()


def named(attributes: Iterable[Attribute]) -> set[str]:
    """Return the names of attributes."""
    return {each.name for each in attributes}
