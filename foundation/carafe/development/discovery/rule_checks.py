"""Checks of rules: each name says one thing, and there are examples that keep them all."""

from collections.abc import Iterator

from carafe.development.scaffold.examples import Examples

from .locations import located_aggregates, located_values
from .model import Aggregate, Attribute, Model
from .rule_expressions import Comparison
from .rule_model import Rule
from .source import Location

CLOCK_TYPES = ("date", "time")
"""Types of attributes whose names are also those of their classes."""


def rule_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield rules with the name of another one, and rules that no example keeps."""
    for aggregate, location in located_aggregates(model):
        yield from _names(aggregate, location)
    yield from Examples(model).faults


def clock_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield attributes called like the class of a date or a time of day, beside such ones."""
    used = {each.type.name for each, _ in _attributes(model)} & {*CLOCK_TYPES}
    for attribute, location in _attributes(model):
        if attribute.name in used:
            yield location, f"{attribute.name} is the name of the type itself: choose another"


def _names(aggregate: Aggregate, location: Location) -> Iterator[tuple[Location, str]]:
    rules: list[tuple[Rule, Location]] = [(each, location) for each in aggregate.rules]
    for behavior in aggregate.behaviors:
        rules += [(each, (*location, "behaviors", behavior.name)) for each in behavior.rules]
    first: dict[str, Rule] = {}
    for rule, place in rules:
        other = first.setdefault(rule.name, rule)
        if (_said(other), other.otherwise) != (_said(rule), rule.otherwise):
            message = f"{rule.name} says something else before: choose another name"
            yield (*place, "rules", rule.name), message


def _said(rule: Rule) -> list[Comparison]:
    return [each.comparison for each in rule.conditions]


def _attributes(model: Model) -> Iterator[tuple[Attribute, Location]]:
    for value, location in located_values(model):
        yield from ((each, (*location, "attributes", each.name)) for each in value.attributes)
    for aggregate, location in located_aggregates(model):
        for each in aggregate.attributes:
            yield each, (*location, "attributes", each.name)
        for behavior in aggregate.behaviors:
            place = (*location, "behaviors", behavior.name, "takes")
            yield from ((each, place) for each in behavior.takes if each.behavior)
