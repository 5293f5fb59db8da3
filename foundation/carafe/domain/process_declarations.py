"""What may be wrong with what the classes of processes declare."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from .process import Process
from .requirements import is_snake_case
from .steps import Step
from .timers import Timer


def faults_of_processes(processes: Mapping[type[Process], Sequence[type[Timer]]]) -> list[str]:
    """Return what is wrong with the declarations of processes, one sentence for each.

    Args:
        processes: their classes, each with the timers that are declared beside it.
    """
    owners: dict[type[Timer], str] = {}
    faults: list[str] = []
    for process, timers in processes.items():
        name = process.__name__
        missing = [each for each in ("STEPS", "DEADLINE") if not hasattr(process, each)]
        if missing:
            faults += [f"{name}.{each} is missing" for each in missing]
            continue
        if process.DEADLINE not in timers:
            faults.append(f"{name}.DEADLINE must be a Timer that is declared beside {name}")
        owner = owners.setdefault(process.DEADLINE, name)
        if owner != name:
            faults.append(f"{owner} and {name} share the DEADLINE {process.DEADLINE.__name__}")
        faults += _faults_of_steps(name, process.STEPS)
    return faults


def _faults_of_steps(owner: str, steps: Sequence[Step]) -> Iterator[str]:
    names = [each.name for each in steps]
    for name in dict.fromkeys(names):
        if not is_snake_case(name):
            yield f"the step {name!r} of {owner} must be named by words in snake case"
        if names.count(name) > 1:
            yield f"{owner} has two steps of the name {name}"
    for each in steps:
        if each.undo is None and each.undo_within is not None:
            yield f"the step {each.name} of {owner} has undo_within, but no undo"
        spans = (each.within, each.undo_within)
        if any(span is not None and span <= timedelta() for span in spans):
            yield f"the step {each.name} of {owner} must wait for more than nothing"
