"""What a model may say, but probably does not mean."""

from collections.abc import Iterator

from .locations import located_aggregates
from .model import Aggregate, Attribute, Behavior, Model
from .name_checks import names_of
from .process_warnings import process_warnings
from .source import Location
from .timer_warnings import timer_warnings
from .unset_attributes import unset_attributes


def warnings_of(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield what is lost or never set, timers that call in vain, and events that come too early."""
    yield from lost_parameters(model)
    yield from unset_attributes(model)
    yield from timer_warnings(model)
    yield from process_warnings(model)


def lost_parameters(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield parameters that nothing keeps, tells or waits for."""
    for aggregate, location in located_aggregates(model):
        for behavior in aggregate.behaviors:
            lost = unkept_parameters(aggregate, behavior)
            for position, name in enumerate(each.name for each in behavior.takes):
                if name not in lost:
                    continue
                message = (
                    f"{behavior.name} takes {name}, which is lost: let {aggregate.name} have an "
                    f"attribute {name}, or let {behavior.records} tell it"
                )
                yield (*location, "behaviors", behavior.name, "takes", position), message


def unkept_parameters(aggregate: Aggregate, behavior: Behavior) -> tuple[str, ...]:
    """Return the parameters that nothing keeps, no event tells and no timer waits for."""
    told = [*aggregate.attributes, *aggregate.event(behavior.records).tells]
    moments = [each.due for each in behavior.timers if isinstance(each.due, Attribute)]
    kept = names_of([*told, *moments])
    kept |= {name for _, name in (*behavior.adds, *behavior.removes)}
    return tuple(each.name for each in behavior.takes if each.name not in kept)
