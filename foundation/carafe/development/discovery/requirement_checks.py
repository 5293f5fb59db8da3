"""Checks that a command can require what it does of other aggregates."""

from collections.abc import Iterator

from .aggregate_model import Requirement
from .lifecycle import steps_to
from .locations import located_aggregates
from .model import Aggregate, Model
from .source import Location
from .suggestions import no_value


def requirement_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield fields that hold no id, and statuses that the other aggregate never has."""
    aggregates = {each.name: each for each in model.aggregates}
    for aggregate, location in located_aggregates(model):
        for command in aggregate.commands:
            for each in command.requires:
                place = (*location, "commands", command.name, "requires", each.field.name)
                other = aggregates[each.aggregate]
                for part, message in _faults(each, aggregate, other, model):
                    yield (*place, *part), message


def _faults(
    requirement: Requirement, aggregate: Aggregate, other: Aggregate, model: Model
) -> Iterator[tuple[Location, str]]:
    field = requirement.field
    if field.type.name != "identifier" or field.type.many:
        yield (), f"{field.name} holds no id: its type must be a single identifier"
    if other.name == aggregate.name:
        yield ("aggregate",), f"{other.name} cannot require another one of its own kind"
    status = other.status
    if requirement.statuses and (status is None or status.type.name not in model.enumerations):
        yield ("status",), f"{other.name} has no status"
        return
    for each in requirement.statuses:
        known = model.enumerations[status.type.name].values if status else ()
        if status and each not in known:
            yield ("status",), no_value(status.type.name, each, known)
    if requirement.statuses and all(steps_to(other, each) is None for each in requirement.statuses):
        yield ("status",), f"no behaviour leads {other.name} there"
