"""Checks of the steps of a process: each is come to, answered, and leads to the end."""

from collections.abc import Iterator, Mapping

from .locations import located_answers, located_steps
from .process_model import END, FAIL, Process, Step
from .source import Location
from .suggestions import did_you_mean

Following = Mapping[str, frozenset[str]]
"""What may follow each step in the end, by its name: steps, END or FAIL."""


def step_faults(process: Process) -> Iterator[tuple[Location, str]]:
    """Yield steps that nothing answers or leads to, that never end, or that are undone wrongly."""
    for step, location in located_steps(process):
        if step.name in {END, FAIL}:
            message = f"{step.name} is no name of a step, but what may follow one: rename it"
            yield location, message
        if not step.answers:
            yield location, f"nothing answers {step.name}: add `answers:` with the event that does"
        if message := _fault_of_undoing(step):
            yield (*location, "undo"), message
    following = _following(process)
    yield from _unreached(process, following)
    yield from _answers(process, following)
    yield from _endless(process, following)


def _fault_of_undoing(step: Step) -> str:
    """Return why a step cannot be undone so; empty if it can."""
    if step.undo is None:
        return ""
    if step.sends is None:
        return f"{step.name} sends nothing, so that nothing is to be undone: remove `undo`"
    if step.undo.sends == step.sends:
        return f"what undoes {step.name} is what it begins with: let another command undo it"
    if (step.undo.within is None) != (step.undo.answer is None):
        return "`within` is the time until the `answer`: write both, or neither"
    return ""


def _unreached(process: Process, following: Following) -> Iterator[tuple[Location, str]]:
    first = process.steps[0].name
    for step, location in located_steps(process):
        if step.name not in {first, *following[first]}:
            message = (
                f"no way leads to {step.name} from {first}, with which {process.name} begins: let "
                "an answer lead to it, or remove it"
            )
            yield location, message


def _answers(process: Process, following: Following) -> Iterator[tuple[Location, str]]:
    """Yield answers that lead to no step, or to one that has begun before."""
    positions = {each.name: position for position, each in enumerate(process.steps)}
    for step, _, name, location in located_answers(process):
        if name not in {*positions, END, FAIL}:
            message = f"{process.name} has no step {name}: declare it, or write end or fail"
            yield location, message + did_you_mean(name, (*positions, END, FAIL))
            continue
        # Of each circle, one answer at least leads to the same step or to one above it.
        is_back = positions.get(name, len(positions)) <= positions[step.name]
        if is_back and step.name in {name, *following[name]}:
            yield location, f"{name} has begun before, and a step begins once: lead elsewhere"


def _endless(process: Process, following: Following) -> Iterator[tuple[Location, str]]:
    """Yield steps from which no way leads to the end, unless something else is wrong with it."""
    known = {*following, FAIL}
    unanswered = {each.name for each in process.steps if not each.answers}
    for step, location in located_steps(process):
        after = {step.name, *following[step.name]}
        if after <= known and not after & unanswered:
            message = f"no way leads from {step.name} to the end: let an answer lead to `{END}`"
            yield location, message


def _following(process: Process) -> Following:
    following = {step.name: {name for _, name in step.answers} for step in process.steps}
    for _ in following:
        for names in following.values():
            names.update(*(following.get(each, ()) for each in list(names)))
    return {name: frozenset(names) for name, names in following.items()}
