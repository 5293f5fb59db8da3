"""Checks that a model says whose each aggregate is, and what it takes from the caller."""

from collections.abc import Iterator

from .locations import located_aggregates
from .model import Aggregate, Attribute, Model
from .source import Location


def ownership_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield aggregates that do not say whose they are, and attributes that cannot hold a caller."""
    for aggregate, location in located_aggregates(model):
        yield from _callers(aggregate, location)
        if aggregate.owner is not None:
            yield from _owner(aggregate, aggregate.owner, location)
        elif not aggregate.is_shared and (aggregate.commands or aggregate.queries):
            message = (
                f"whose is {aggregate.name}? Write `owner: ` and the attribute that holds it, so "
                "that callers see and change their own only; or `shared: true`, so that everybody "
                "with the scope sees and changes all"
            )
            yield location, message


def _callers(aggregate: Aggregate, location: Location) -> Iterator[tuple[Location, str]]:
    for each in aggregate.attributes:
        if each.from_caller and (each.type.name != "identifier" or each.type.many):
            message = f"{each.name} cannot hold the caller: its type must be a single identifier"
            yield (*location, "attributes", each.name), message


def _owner(
    aggregate: Aggregate, owner: Attribute, location: Location
) -> Iterator[tuple[Location, str]]:
    place = (*location, "owner")
    if aggregate.is_shared:
        yield place, f"{aggregate.name} is owned or shared, not both: remove one"
    if owner.type.optional or owner.unique:
        yield place, f"{owner.name} cannot be the owner: it must be always there, and not unique"
    for each in aggregate.behaviors:
        if not each.creates and owner.name in {parameter.name for parameter in each.takes}:
            message = (
                f"{each.name} takes {owner.name}, but the owner is whoever created the "
                f"{aggregate.name}, for good: remove it"
            )
            yield (*location, "behaviors", each.name, "takes"), message
