"""The steps of a process: what its class declares, and what an instance remembers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from .errors import RuleBroken
from .model import DomainCommand, ValueObject, schema


class StepStatus(Enum):
    """Where a step stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"


TO_UNDO = {StepStatus.WAITING, StepStatus.DONE}
"""What is to be undone. A step that still waits may have taken effect, or will."""


class UnknownStep(RuleBroken):
    """An instance has begun a step that its class no longer declares."""

    code = "unknown_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a process, as its class declares it.

    Attributes:
        name: under which it is stored, in snake case; never changes.
        within: how long it waits for its answer; None to wait for ever, on purpose.
        undo: returns the command that undoes it, the same one each time; None if there is nothing
            to undo. The receiver may get it when the step never took effect.
        undo_within: how long its undoing may take before the process is stuck; None if nothing
            confirms it: it is undone when the command is sent.
    """

    name: str
    within: timedelta | None
    undo: Callable[[Any], DomainCommand] | None = None
    undo_within: timedelta | None = None


@schema()
class StepRecord(ValueObject):
    """What a process remembers of a step that has begun.

    Attributes:
        name: the step's.
        status: where it stands.
        since: when it came there.
    """

    name: str
    status: StepStatus
    since: datetime


def step_named(steps: Sequence[Step], name: str) -> Step:
    """Return a step by its name.

    Raises:
        UnknownStep: there is none.
    """
    for each in steps:
        if each.name == name:
            return each
    raise UnknownStep(
        f"There is no step {name}: keep it in STEPS as long as an instance may have begun it."
    )
