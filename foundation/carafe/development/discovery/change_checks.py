"""Checks that behaviours change attributes in one way, and in one that the attributes allow."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from .locations import located_aggregates
from .model import Attribute, Behavior, Model
from .source import Location
from .suggestions import did_you_mean


def change_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield behaviours that set an attribute twice, or to what it cannot be."""
    for aggregate, location in located_aggregates(model):
        attributes = {each.name: each for each in aggregate.attributes}
        for behavior in aggregate.behaviors:
            place = (*location, "behaviors", behavior.name)
            if behavior.creates and behavior.deletes:
                yield place, f"{behavior.name} cannot create and delete"
            yield from ((place, message) for message in _repeated(behavior))
            optional = {name for name, each in attributes.items() if each.type.optional}
            for name in (each for each in behavior.clears if each not in optional):
                message = f"{name} is not an optional attribute{did_you_mean(name, optional)}"
                yield (*place, "clears"), message
            for each in behavior.takes:
                if fault := _parameter_fault(each, attributes.get(each.name)):
                    yield (*place, "takes"), fault


def _repeated(behavior: Behavior) -> Iterator[str]:
    status = ("status",) if behavior.becomes else ()
    taken = (each.name for each in behavior.takes)
    changed = Counter((*taken, *behavior.clears, *behavior.changed_lists, *status))
    for name in (each for each, count in changed.items() if count > 1):
        yield (
            f"{behavior.name} sets {name} twice: let it be in `takes`, in `clears` or, as the "
            "status, in `becomes`"
        )


def _parameter_fault(parameter: Attribute, attribute: Attribute | None) -> str:
    """Return why a parameter cannot give an attribute its value; empty if it can."""
    name, kind = parameter.name, parameter.type
    if attribute is None:
        return ""
    if replace(attribute.type, optional=kind.optional) != kind:
        return f"{name} is an attribute of another type: take `{name}` alone, or rename it"
    if kind.optional and not attribute.type.optional:
        return f"{name} is an attribute that is always there: remove the `?`"
    return ""
