"""What a process remembers: where it stands, its steps, and the commands that it sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import ClassVar

from .derived_ids import derived_id
from .errors import RuleBroken
from .model import AggregateRoot, DomainCommand, schema
from .steps import Step, StepRecord, StepStatus, step_named
from .timers import Timer


class ProcessStatus(Enum):
    """Where a process stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"


ENDED = {ProcessStatus.COMPLETED, ProcessStatus.UNDONE}


class Purpose(Enum):
    """What a step's command is for."""

    BEGIN = "begin"
    UNDO = "undo"


@schema()
class ProcessState(AggregateRoot):
    """The state of a process, and how it changes.

    Attributes:
        begun_at: when it began.
        status: where it stands.
        step_records: the steps that have begun, in that order.
        command_ids: of the commands that it sent, by which a refusal finds it.
        reason: why it is undone; None while it is not.
        stuck_since: when undoing failed; None unless it is stuck.
        ended_at: when it ended; None before.
        STEPS: every step that an instance may have begun, whatever version of the code began it.
        DEADLINE: its own kind of timer, which calls when a step has waited too long.
    """

    STEPS: ClassVar[tuple[Step, ...]]
    DEADLINE: ClassVar[type[Timer]]

    begun_at: datetime
    status: ProcessStatus = ProcessStatus.RUNNING
    step_records: tuple[StepRecord, ...] = ()
    command_ids: tuple[str, ...] = ()
    reason: str | None = None
    stuck_since: datetime | None = None
    ended_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.status in ENDED

    @property
    def is_stranded(self) -> bool:
        """Whether nothing would ever take it further: no timer, and no step that may wait."""
        return (
            self.status in {ProcessStatus.RUNNING, ProcessStatus.UNDOING}
            and not self.timers
            and not any(
                self._declared(each).within is None
                for each in self._with_status(StepStatus.WAITING)
            )
        )

    def step(self, name: str) -> StepRecord | None:
        """Return what is remembered of a step; None if it has not begun."""
        return next((each for each in self.step_records if each.name == name), None)

    def _note_begun(self, step: Step, at: datetime) -> None:
        """Remember that a step waits, and set its deadline."""
        record = StepRecord(name=step.name, status=StepStatus.WAITING, since=at)
        self._declared(record)
        self.step_records = (*self.step_records, record)
        if step.within is not None:
            self.set_timer(self.DEADLINE, step.within, at=at, key=step.name)

    def _move(self, record: StepRecord, status: StepStatus, at: datetime) -> None:
        """Let a step come to a status; its deadline is over."""
        if self.timer(self.DEADLINE, record.name) is not None:
            self.cancel_timer(self.DEADLINE, record.name)
        moved = replace(record, status=status, since=at)
        self.step_records = tuple(
            moved if each.name == record.name else each for each in self.step_records
        )

    def _end(self, status: ProcessStatus, at: datetime) -> None:
        self.status, self.ended_at = status, at
        self.replace_timers(())

    def _send(self, command: DomainCommand, name: str, purpose: Purpose) -> None:
        command_id = self._command_id(name, purpose)
        self.send(command, command_id=command_id)
        if command_id not in self.command_ids:
            self.command_ids = (*self.command_ids, command_id)

    def _command_id(self, name: str, purpose: Purpose) -> str:
        """Return the id of a step's command: the same each time, so that it takes effect once."""
        return derived_id("command", self.id, name, purpose.value)

    def _sent(self, command_id: str) -> tuple[StepRecord, Purpose]:
        """Return the step that a command belongs to, and what it was for.

        Raises:
            RuleBroken: the process has not sent it.
        """
        for record in self.step_records:
            for purpose in Purpose:
                if command_id == self._command_id(record.name, purpose):
                    return record, purpose
        raise RuleBroken("The process has not sent this command.", code="command_not_sent")

    def _begun(self, step: Step) -> StepRecord:
        record = self.step(step.name)
        if record is None:
            raise RuleBroken(f"The step {step.name} has not begun.", code="step_not_begun")
        return record

    def _with_status(self, status: StepStatus) -> Iterable[StepRecord]:
        return [each for each in self.step_records if each.status is status]

    def _declared(self, record: StepRecord) -> Step:
        return step_named(self.STEPS, record.name)

    def _require_status(self, status: ProcessStatus) -> None:
        if self.status is not status:
            raise RuleBroken(
                f"This process is {self.status.value}, not {status.value}.",
                code=f"process_is_{self.status.value}",
            )
