"""Checks of behaviours that add to lists and remove from them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .locations import located_aggregates
from .model import Aggregate, Attribute, Behavior, Model, Value
from .names import snake
from .source import Location
from .suggestions import did_you_mean


def list_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield changes of lists that are none, and with what they cannot hold."""
    for aggregate, location in located_aggregates(model):
        for behavior in aggregate.behaviors:
            place = (*location, "behaviors", behavior.name)
            if behavior.creates and (behavior.adds or behavior.removes):
                yield place, f"{behavior.name} creates: it takes a list, and adds to none"
            if behavior.becomes and behavior.removes:
                message = f"{behavior.name} removes, and leads to a status: make two behaviours"
                yield (*place, "removes"), message
            yield from _changes(aggregate, behavior, model.values, place)


def _changes(
    aggregate: Aggregate, behavior: Behavior, values: Mapping[str, Value], location: Location
) -> Iterator[tuple[Location, str]]:
    lists = {each.name: each for each in aggregate.attributes if each.type.many}
    taken = {each.name: each for each in behavior.takes}
    for part, changes in (("adds", behavior.adds), ("removes", behavior.removes)):
        for name, word in changes:
            place = (*location, part, name)
            if name not in lists:
                yield place, f"{aggregate.name} has no list {name}{did_you_mean(name, lists)}"
            elif word not in taken:
                kind = lists[name].type.name
                message = f"{behavior.name} takes no {word}: let it take `{word}: {kind}`"
                yield place, message + did_you_mean(word, taken)
            elif fault := _fault(lists[name], taken[word], values, part):
                yield place, fault


def _fault(
    attribute: Attribute, parameter: Attribute, values: Mapping[str, Value], part: str
) -> str:
    """Return why a list cannot hold, or know, a parameter; empty if it can."""
    value = values.get(attribute.type.name)
    if parameter.type == replace(attribute.type, many=False):
        if part == "removes" and value is not None and value.is_entity:
            name = f"{snake(value.name)}_id"
            return f"no {value.name} equals another one: let it take `{name}: identifier`"
        return ""
    if part == "adds":
        return f"{parameter.name} is of another type than the elements of {attribute.name}"
    if not member_of(attribute, parameter, values):
        return f"no element of {attribute.name} equals {parameter.name}, nor has it as a part"
    return ""


def member_of(attribute: Attribute, parameter: Attribute, values: Mapping[str, Value]) -> str:
    """Return the attribute of a list's elements by which a parameter finds one; empty if none.

    Args:
        attribute: the list.
        parameter: what is searched for; not an element itself.
        values: of the model.
    """
    value = values.get(attribute.type.name)
    if value is None or parameter.type.many or parameter.type.optional:
        return ""
    is_id = parameter.name == f"{snake(value.name)}_id" and parameter.type.name == "identifier"
    if value.is_entity and is_id:
        return "id"
    same = (each for each in value.attributes if each.name == parameter.name)
    is_same = any(each.type.name == parameter.type.name and not each.type.many for each in same)
    return parameter.name if is_same else ""
