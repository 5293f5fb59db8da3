"""Checks that behaviours lead an aggregate to every status."""

from collections.abc import Iterator

from .lifecycle import steps_to
from .locations import located_aggregates
from .model import Aggregate, Behavior, Enumeration, Model
from .source import Location


def reachability_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield conditions of creations, and statuses that no behaviour leads to."""
    for aggregate, location in located_aggregates(model):
        for each in aggregate.behaviors:
            if each.when and each.creates:
                message = "creates the aggregate, which has no status before: remove `when`"
                yield (*location, "behaviors", each.name), f"{each.name} {message}"
        creation = next((each for each in aggregate.behaviors if each.creates), None)
        status = aggregate.status
        enumeration = model.enumerations.get(status.type.name) if status else None
        if creation and creation.becomes and enumeration:
            yield from _unreachable(aggregate, creation, enumeration, location)


def _unreachable(
    aggregate: Aggregate, creation: Behavior, enumeration: Enumeration, location: Location
) -> Iterator[tuple[Location, str]]:
    """Yield each status that no behaviour leads to: where a `when` names it, or else its line."""
    if any(each.name == "status" for behavior in aggregate.behaviors for each in behavior.takes):
        return  # a caller may choose any
    for position, value in enumerate(enumeration.values):
        if steps_to(aggregate, value) is None:
            message = (
                f"no behaviour leads to {value} from {creation.becomes}, in which {aggregate.name} "
                f"begins: give one `becomes: {value}`, or remove {value}"
            )
            places: list[Location] = [
                (*location, "behaviors", each.name, "when")
                for each in aggregate.behaviors
                if value in each.when and not each.creates
            ]
            for place in places or [("enumerations", enumeration.name, "values", position)]:
                yield place, message
