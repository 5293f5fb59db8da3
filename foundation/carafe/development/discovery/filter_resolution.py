"""Resolves by what a query can be narrowed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict

from .faults import Faults
from .model import Attribute
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries


class Filters(TypedDict):
    """By how they compare, as `Query` has them."""

    filters: tuple[Attribute, ...]
    ranges: tuple[Attribute, ...]
    members: tuple[Attribute, ...]


def filters_of(
    aggregate: str,
    query: str,
    entries: Entries,
    attributes: Mapping[str, Attribute],
    faults: Faults,
) -> Filters:
    """Return the filters of a query.

    Args:
        aggregate: its name.
        query: its name.
        entries: of the query in the file.
        attributes: of the aggregate, by name.
        faults: of the model.
    """
    location: Location = ("aggregates", aggregate, "queries", query, "filters")
    equal, ranges, members = [], [], []
    for position, each in enumerate(entries.get("filters", ())):
        name, comparison = next(iter(each.items())) if isinstance(each, dict) else (each, "equal")
        attribute = attributes.get(name)
        if attribute is None:
            message = f"{aggregate} has no {name}{did_you_mean(name, attributes)}"
            faults.add((*location, position), message)
        elif comparison == "range":
            ranges.append(attribute)
        elif attribute.type.many:
            members.append(replace(attribute, type=replace(attribute.type, many=False)))
        else:
            equal.append(attribute)
    return Filters(filters=tuple(equal), ranges=tuple(ranges), members=tuple(members))
