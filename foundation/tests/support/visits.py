"""What tests of processes look at, and a process with two steps at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from carafe.domain.model import DomainCommand, Identified, schema
from carafe.domain.process import Process
from carafe.domain.steps import Step
from carafe.domain.timers import Timer
from carafe.testing.examples import NOON

from .reminding import Reminding

LATER = NOON + timedelta(minutes=5)


def sent(process: Process) -> list[type[DomainCommand]]:
    """Return the kinds of the commands that wait for the next commit."""
    return [type(each.command) for each in process.recorded if isinstance(each, Identified)]


def id_of(process: Process, command: type[DomainCommand]) -> str:
    """Return the id of the latest command of a kind that was sent."""
    return [
        each.id
        for each in process.recorded
        if isinstance(each, Identified) and isinstance(each.command, command)
    ][-1]


def statuses(process: Process) -> dict[str, str]:
    """Return where each step stands."""
    return {each.name: each.status.value for each in process.step_records}


def deadline(process: Process, step: Step) -> datetime | None:
    """Return until when a step waits."""
    timer = process.timer(process.DEADLINE, step.name)
    return timer.due if timer else None


def block(reminding: Reminding) -> None:
    """Tell it that the card is blocked."""
    reminding.card_blocked(at=LATER)


def send(reminding: Reminding) -> None:
    """Tell it that the letter is sent."""
    reminding.letter_sent(at=LATER)


@schema()
class Knock(DomainCommand):
    """Somebody is at the door."""


@schema()
class Leave(DomainCommand):
    """Nobody is."""


class Silence(Timer):
    """Nobody has opened."""

    name: ClassVar[str] = "silence"


HOUR = timedelta(hours=1)
FIRST = Step(name="first", within=HOUR, undo=lambda _: Leave(), undo_within=HOUR)
SECOND = Step(name="second", within=HOUR, undo=lambda _: Leave(), undo_within=HOUR)


@dataclass
class Seen:
    """How often a hook was called."""

    after_undo: int = 0


SEEN = Seen()


@schema(collection="visits")
class Visit(Process):
    """Somebody knocks at two doors at once."""

    STEPS: ClassVar = (FIRST, SECOND)
    DEADLINE = Silence

    def give_up(self, step: Step, *, at: datetime) -> None:
        """End at the second silence."""
        if self.step(FIRST.name) and step is SECOND:
            self.end(at=at)
        else:
            self.set_timer(self.DEADLINE, HOUR, at=at, key=step.name)

    def after_undo(self, *, at: datetime) -> None:
        del at
        SEEN.after_undo += 1


def parallel() -> Visit:
    """Return a process of which two steps wait."""
    process = Visit(id="v-1", begun_at=NOON)
    process.begin(FIRST, Knock(), at=NOON)
    process.begin(SECOND, Knock(), at=NOON)
    return process
