"""Checks that what is unique can be."""

from collections.abc import Iterator

from .locations import located_aggregates
from .model import Attribute, Model
from .source import Location

UNIQUE_TYPES = ("text", "identifier", "integer", "moment")

FEWEST_VALUES = 200
"""A page holds a hundred, and the tests of a repository fill more than one."""


def unique_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield unique attributes that few aggregates, or only one, could have."""
    for aggregate, location in located_aggregates(model):
        for each in aggregate.attributes:
            if each.unique and (fault := _fault(each)):
                yield (*location, "attributes", each.name), fault


def _fault(attribute: Attribute) -> str:
    kind, name = attribute.type, attribute.name
    if kind.name not in UNIQUE_TYPES or kind.many:
        return f"{name} cannot be unique: that is for a single {', '.join(UNIQUE_TYPES)}"
    if kind.optional:
        return f"{name} cannot be unique and optional: two without it would be the same"
    count = kind.most - kind.least + 1
    if kind.name == "integer" and count < FEWEST_VALUES:
        return (
            f"{name} is unique and has only {count} values: widen its bounds to {FEWEST_VALUES} "
            "values, or remove `unique`"
        )
    return ""
