"""Warnings of timers that call in vain, or are cancelled in vain.

A timer calls in vain if its behaviour is refused in the status that there is by then: the call
fails, and is parked. Which statuses there are while it is set follows from the behaviours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carafe.domain.recurrence import Recurrence

from .lifecycle import State, is_allowed, state_after
from .locations import located_aggregates
from .model import Aggregate, Attribute, Behavior, Model, Timer
from .source import Location
from .timer_checks import is_called_otherwise


@dataclass(frozen=True)
class Step:
    """A behaviour, and the states before and after it."""

    before: State
    behavior: Behavior
    after: State


def timer_warnings(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield behaviours after which a timer calls in vain, or which cancel none."""
    for aggregate, location in located_aggregates(model):
        for timer in aggregate.timers:
            steps = _steps(aggregate, timer)
            for behavior in aggregate.behaviors:
                own = [each for each in steps if each.behavior is behavior]
                warnings = [
                    *_calls_in_vain(own, steps, timer),
                    *_set_too_late(behavior, timer),
                    *_cancelled_in_vain(own, timer),
                ]
                for part, message in dict.fromkeys(warnings):
                    yield (*location, "behaviors", behavior.name, *part), message


def _calls_in_vain(
    own: Sequence[Step], steps: Sequence[Step], timer: Timer
) -> Iterator[tuple[Location, str]]:
    """Yield where a behaviour's steps lead to a status in which the timer's behaviour is refused.

    Args:
        own: the steps of the behaviour.
        steps: of all behaviours.
        timer: that is set afterwards.
    """
    called = timer.behavior
    for step in own:
        name, status = step.behavior.name, step.after.status
        if not step.after.has_timer or is_allowed(called, status):
            continue
        if timer.name in (each.timer for each in step.behavior.timers):
            if not _can_call(steps, timer, step.after):
                message = f"{timer.name} calls in vain: {called.name} is refused in {status}"
                yield ("sets", timer.name), message
        elif is_allowed(called, step.before.status):
            message = (
                f"{name} leaves {timer.name} set, and {called.name} is refused in {status}: "
                f"add `cancels: [{timer.name}]`"
            )
            yield (), message


def _set_too_late(behavior: Behavior, timer: Timer) -> Iterator[tuple[Location, str]]:
    """Yield what a timer's behaviour sets to a moment that was known before the timer called."""
    for each in behavior.timers if behavior is timer.behavior else ():
        if not isinstance(each.due, Attribute):
            continue
        message = (
            f"{each.due.name} may be over when {timer.name} calls {behavior.name}, and then "
            f"{each.timer} cannot be set: write a duration"
        )
        yield ("sets", each.timer), message


def _cancelled_in_vain(own: Sequence[Step], timer: Timer) -> Iterator[tuple[Location, str]]:
    for behavior in {each.behavior: None for each in own}:
        is_vain = not any(each.before.has_timer for each in own) and behavior is not timer.behavior
        if timer.name in behavior.cancels and is_vain:
            message = f"{timer.name} is never set when {behavior.name} is called: do not cancel it"
            yield ("cancels",), message


def _steps(aggregate: Aggregate, timer: Timer) -> list[Step]:
    """Return all steps, from the creation on."""
    creations = [each for each in aggregate.behaviors if each.creates]
    beginning = State("")
    steps = {
        Step(beginning, each, state_after(each, beginning, timer.name)): None for each in creations
    }
    todo = list(steps)
    while todo:
        before = todo.pop().after
        new = [each for each in _steps_from(before, aggregate, timer) if each not in steps]
        steps |= dict.fromkeys(new)
        todo += new
    return list(steps)


def _steps_from(state: State, aggregate: Aggregate, timer: Timer) -> Iterator[Step]:
    for each in aggregate.behaviors:
        if each.creates or each.deletes or not is_allowed(each, state.status):
            continue
        if is_called_otherwise(each, aggregate, timer):
            yield Step(state, each, state_after(each, state, timer.name))
        if state.has_timer and each is timer.behavior:
            before = State(state.status, has_timer=_recurs(aggregate, timer))
            yield Step(before, each, state_after(each, before, timer.name))


def _recurs(aggregate: Aggregate, timer: Timer) -> bool:
    settings = [each for by in aggregate.behaviors for each in by.timers]
    return any(each.timer == timer.name and isinstance(each.due, Recurrence) for each in settings)


def _can_call(steps: Sequence[Step], timer: Timer, state: State) -> bool:
    """Return whether a timer's behaviour will be allowed, before the timer is set no longer."""
    todo, visited = [state], {state}
    while todo:
        current = todo.pop()
        if is_allowed(timer.behavior, current.status):
            return True
        following = {each.after for each in steps if each.before == current} - visited
        todo += [each for each in following if each.has_timer]
        visited |= following
    return False
