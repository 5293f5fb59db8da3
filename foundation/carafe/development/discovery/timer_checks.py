"""Checks that every timer is set, and calls a behaviour that can be called."""

from collections.abc import Iterator

from .locations import located_aggregates
from .model import Aggregate, Attribute, Behavior, Model, Timer
from .source import Location


def timer_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield timers that nothing sets or handles, and behaviours that set or cancel in vain."""
    for aggregate, location in located_aggregates(model):
        for timer in aggregate.timers:
            place = (*location, "timers", timer.name)
            if not _is_set(aggregate, timer):
                message = (
                    f"nothing sets {timer.name}: let a behaviour do so, such as "
                    f"`sets: {{{timer.name}: 30 days}}`"
                )
                yield place, message
            if fault := _fault_of_call(timer, timer.behavior):
                yield (*place, "behavior"), fault
        for behavior in aggregate.behaviors:
            for part, message in _faults_of(behavior):
                yield (*location, "behaviors", behavior.name, *part), message


def _is_set(aggregate: Aggregate, timer: Timer) -> bool:
    """Return whether a behaviour sets a timer, before its own one can."""
    setting = [
        behavior
        for behavior in aggregate.behaviors
        if timer.name in (each.timer for each in behavior.timers)
    ]
    return any(is_called_otherwise(each, aggregate, timer) for each in setting)


def is_called_otherwise(behavior: Behavior, aggregate: Aggregate, timer: Timer) -> bool:
    """Return whether more than a timer may call a behaviour."""
    callers: list[Behavior] = [
        *(each.behavior for each in aggregate.commands),
        *(each.behavior for each in aggregate.subscriptions),
        *(each.behavior for each in aggregate.timers if each is not timer),
    ]
    return behavior is not timer.behavior or behavior in callers


def _fault_of_call(timer: Timer, behavior: Behavior) -> str:
    """Return why a timer cannot call its behaviour; empty if it can."""
    if behavior.creates:
        return f"{behavior.name} creates the aggregate, which has no timers before: call another"
    if behavior.takes:
        names = ", ".join(each.name for each in behavior.takes)
        return (
            f"{timer.name} has nothing to give, and {behavior.name} takes {names}: call a "
            "behaviour that takes nothing"
        )
    return ""


def _faults_of(behavior: Behavior) -> Iterator[tuple[Location, str]]:
    """Yield where a behaviour sets a timer that it cannot set, or cancels one in vain."""
    for each in behavior.timers:
        place = ("sets", each.timer)
        if behavior.deletes:
            yield place, f"{behavior.name} deletes the aggregate and its timers: remove `sets`"
        if each.timer in behavior.cancels:
            yield place, f"{behavior.name} sets and cancels {each.timer}: remove one of the two"
        if isinstance(each.due, Attribute) and (fault := _fault_of_moment(each.due)):
            yield place, fault
    if behavior.cancels and behavior.creates:
        yield ("cancels",), f"{behavior.name} creates the aggregate: remove `cancels`"
    if behavior.cancels and behavior.deletes:
        yield (
            ("cancels",),
            f"{behavior.name} deletes the aggregate and its timers: remove `cancels`",
        )


def _fault_of_moment(attribute: Attribute) -> str:
    """Return why a timer cannot be due at an attribute's moment; empty if it can."""
    kind, name = attribute.type, attribute.name
    if kind.name != "moment" or kind.many:
        return f"{name} is no moment: write a duration, such as 21 days, or a single moment"
    if kind.optional:
        return f"{name} may be missing: let the behaviour take it, without a `?`"
    return ""
