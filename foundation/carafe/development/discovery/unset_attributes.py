"""Warnings of attributes that no behaviour gives a value: they are missing, or empty, for ever."""

from collections.abc import Iterator

from .locations import located_aggregates
from .model import Aggregate, Attribute, Model
from .name_checks import names_of
from .source import Location


def unset_attributes(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield attributes that nothing sets: no behaviour, and no default.

    Those that must be there are a fault already, unless the creation sets them.
    """
    for aggregate, location in located_aggregates(model):
        given = _given_names(aggregate)
        for each in aggregate.attributes:
            if each.default is None and each.name not in given:
                message = (
                    f"nothing sets {each.name}: let a behaviour of {aggregate.name} do so, with "
                    f"{_way_to_set(each)}, or remove the attribute"
                )
                yield (*location, "attributes", each.name), message


def _given_names(aggregate: Aggregate) -> set[str]:
    """Return the names of the attributes that behaviours give a value."""
    given = {"status"} if any(each.becomes for each in aggregate.behaviors) else set()
    for each in aggregate.behaviors:
        given |= names_of(each.takes) | {name for name, _ in each.adds}
    return given


def _way_to_set(attribute: Attribute) -> str:
    taken = f"`takes: [{attribute.name}]`"
    return f"{taken} or `adds`" if attribute.type.many else taken
