"""Checks that what is unique can be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from .locations import located_aggregates
from .model import Aggregate, Attribute, Enumeration, Model
from .source import Location
from .suggestions import did_you_mean
from .unique_model import UniqueCombination

UNIQUE_TYPES = ("text", "identifier", "integer", "moment")

FEWEST_VALUES = 200
"""A page holds a hundred, and the tests of a repository fill more than one."""


def unique_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield what is unique, and what few aggregates, or only one, could have."""
    for aggregate, location in located_aggregates(model):
        for each in aggregate.attributes:
            if each.unique and (fault := alone_fault(each)):
                yield (*location, "attributes", each.name), fault
        for position, combination in enumerate(aggregate.unique):
            place = (*location, "unique", position)
            yield from _combination_faults(aggregate, combination, model, place)
        yield from _repeated(aggregate, (*location, "unique"))


def alone_fault(attribute: Attribute) -> str:
    """Return why an attribute cannot be unique by itself; empty if it can."""
    return _fault(attribute) or _few_values(attribute)


def _fault(attribute: Attribute) -> str:
    kind, name = attribute.type, attribute.name
    if kind.name not in UNIQUE_TYPES or kind.many:
        return f"{name} cannot be unique: that is for a single {', '.join(UNIQUE_TYPES)}"
    if kind.optional:
        return f"{name} cannot be unique and optional: two without it would be the same"
    return ""


def _few_values(attribute: Attribute) -> str:
    kind, name = attribute.type, attribute.name
    count = kind.most - kind.least + 1
    if kind.name == "integer" and count < FEWEST_VALUES:
        return (
            f"{name} is unique and has only {count} values: widen its bounds to {FEWEST_VALUES} "
            "values, or remove `unique`"
        )
    return ""


def _combination_faults(
    aggregate: Aggregate, combination: UniqueCombination, model: Model, location: Location
) -> Iterator[tuple[Location, str]]:
    attributes = {each.name: each for each in aggregate.attributes}
    found = []
    for position, name in enumerate(combination.attributes):
        place = (*location, "attributes", position)
        if name not in attributes:
            yield place, f"{aggregate.name} has no {name}{did_you_mean(name, attributes)}"
        elif fault := member_fault(attributes[name], model.enumerations):
            yield place, fault
        else:
            found.append(attributes[name])
    if len(found) == len(combination.attributes) and all(has_few(each) for each in found):
        message = f"{' and '.join(combination.attributes)} have few values together: add another"
        yield (*location, "attributes"), message
    for name, values in combination.only_where:
        place = (*location, "only_where", name)
        if name not in attributes:
            yield place, f"{aggregate.name} has no {name}{did_you_mean(name, attributes)}"
        elif fault := _condition_fault(attributes[name], values, model.enumerations):
            yield place, fault


def member_fault(attribute: Attribute, enumerations: Iterable[str]) -> str:
    """Return why an attribute cannot be among several that are unique; empty if it can."""
    is_small = attribute.type.name in {"boolean", "date", "time", *enumerations}
    if is_small and not (attribute.type.many or attribute.type.optional):
        return ""
    return _fault(attribute)


def has_few(attribute: Attribute) -> bool:
    """Return whether an attribute alone has too few values for many aggregates."""
    return attribute.type.name not in UNIQUE_TYPES or bool(_few_values(attribute))


def _condition_fault(
    attribute: Attribute, values: tuple[str | bool, ...], enumerations: Mapping[str, Enumeration]
) -> str:
    name, kind = attribute.name, attribute.type
    if kind.many or kind.name not in {"boolean", *enumerations}:
        return f"{name} cannot be a condition: that is for a boolean, or a single enumeration"
    if kind.name == "boolean":
        is_right = all(isinstance(each, bool) for each in values)
        return "" if is_right else f"{name} is true or false"
    known = enumerations[kind.name].values
    unknown = [str(each) for each in values if each not in known]
    if not unknown:
        return ""
    return f"{kind.name} has no value {', '.join(unknown)}{did_you_mean(unknown[0], known)}"


def _repeated(aggregate: Aggregate, location: Location) -> Iterator[tuple[Location, str]]:
    """Yield attributes that are said to be unique twice: the store keeps one index of them."""
    alone = [(each.name,) for each in aggregate.attributes if each.unique]
    counted = Counter([*alone, *(each.attributes for each in aggregate.unique)])
    for position, each in enumerate(aggregate.unique):
        if counted[each.attributes] > 1:
            yield (*location, position), f"{' and '.join(each.attributes)} are unique twice"
