"""Processes: conversations over several aggregates and services, to their end or back.

A process is an aggregate. Its steps send commands and wait for answers, each until a deadline.
If one is refused, or never answered, it and those before it are undone in reverse.

    running ──► completed
       │
       └─► undoing ──► undone
              ▲ │
              │ ▼
             stuck         until a person resumes it

    def letter_sent(self, at: datetime) -> None:
        if self.complete(SENDING, at=at):
            self.begin(RETURN, at=at)
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

from .derived_ids import derived_id
from .errors import InvalidValue, RuleBroken
from .model import DomainCommand, collection_of, schema
from .process_state import ProcessState, ProcessStatus, Purpose
from .requirements import LONGEST_TEXT
from .steps import TO_UNDO, Step, StepRecord, StepStatus


class AfterEnd(Enum):
    """What a process does with a message that comes after its end."""

    IGNORE = "ignore"
    REFUSE = "refuse"


@schema()
class Process(ProcessState):
    """The base of a process; its attributes are those of `ProcessState`.

    Attributes:
        AFTER_END: what it does with a message that comes after its end.
    """

    AFTER_END: ClassVar[AfterEnd] = AfterEnd.IGNORE

    def begin(self, step: Step, command: DomainCommand | None = None, *, at: datetime) -> None:
        """Begin a step: send its command, and wait for its answer until its deadline.

        Args:
            step: one of `STEPS` that has not begun.
            command: what is asked; None to wait only.
            at: the present.

        Raises:
            RuleBroken: the process does not run, or the step has begun before.
        """
        self._require_status(ProcessStatus.RUNNING)
        if self.step(step.name) is not None:
            raise RuleBroken(f"The step {step.name} has begun before.", code="step_has_begun")
        self._note_begun(step, at)
        if command is not None:
            self._send(command, step.name, Purpose.BEGIN)

    def complete(self, step: Step, *, at: datetime) -> bool:
        """Note that a step succeeded.

        Returns:
            Whether the process goes on from here: not if the success is known, or comes while the
            process is being undone.

        Raises:
            RuleBroken: it has not begun. The message may have overtaken the one it follows from.
        """
        record = self._begun(step)
        if record.status is not StepStatus.WAITING:
            return False
        self._move(record, StepStatus.DONE, at)
        return self.status is ProcessStatus.RUNNING

    def fail(self, step: Step, reason: str, *, at: datetime) -> None:
        """Note that a step failed, without effect, and undo those before it.

        Nothing happens if it has been answered, or is being undone.

        Raises:
            RuleBroken: it has not begun, or the process has ended.
        """
        record = self._begun(step)
        if record.status is StepStatus.WAITING:
            self._fail(record, reason, at)

    def end(self, *, at: datetime) -> None:
        """End the process; what still waits is waited for no longer, and no timer calls.

        Raises:
            RuleBroken: it does not run.
        """
        self._require_status(ProcessStatus.RUNNING)
        self._end(ProcessStatus.COMPLETED, at)

    def undo(self, reason: str, *, at: datetime) -> None:
        """Undo what was done, in reverse; nothing happens if that has begun.

        From now on, only the deadlines of undoing call: all other timers are cancelled.

        Args:
            reason: why, for people; 200 characters are kept.
            at: the present.

        Raises:
            RuleBroken: it has ended.
        """
        if self.status in {ProcessStatus.UNDOING, ProcessStatus.STUCK}:
            return
        self._require_status(ProcessStatus.RUNNING)
        self.reason = reason[:LONGEST_TEXT]
        self.replace_timers(())
        self._undo_next(at)

    def confirm_undo(self, step: Step, *, at: datetime) -> None:
        """Note that a step is undone, and undo the one before it.

        Raises:
            RuleBroken: it is not being undone.
        """
        record = self._begun(step)
        if record.status in TO_UNDO:
            raise RuleBroken(f"The step {step.name} is not being undone.", code="step_not_undoing")
        if record.status in {StepStatus.UNDOING, StepStatus.STUCK}:
            self._move(record, StepStatus.UNDONE, at)
            self._undo_next(at)

    def refuse(self, command_id: str, code: str, *, at: datetime) -> None:
        """Note that a receiver never carries out a command: a step failed, or cannot be undone.

        Raises:
            RuleBroken: the process has not sent this command.
        """
        record, purpose = self._sent(command_id)
        if purpose is Purpose.UNDO:
            self._refuse_undo(record, at)
        elif record.status in {StepStatus.UNDOING, StepStatus.STUCK}:
            self._move(record, StepStatus.FAILED, at)
            self._undo_next(at)
        elif record.status in TO_UNDO and not self.has_ended:
            self._fail(record, f"{record.name}: {code}", at)

    def pass_deadline(self, name: str, *, at: datetime) -> None:
        """Wait no longer for a step, or for its undoing, as `DEADLINE` calls."""
        record = self.step(name)
        if record is None:
            return
        if record.status is StepStatus.UNDOING:
            self._get_stuck(record, at)
        elif record.status is StepStatus.WAITING and self.status is ProcessStatus.RUNNING:
            self.give_up(self._declared(record), at=at)

    def resume(self, *, at: datetime, is_undone_by_hand: bool = False) -> None:
        """Go on with undoing where it got stuck.

        Args:
            at: the present.
            is_undone_by_hand: a person has undone the step; otherwise its command is sent again,
                under the same id, so that it takes effect once.

        Raises:
            RuleBroken: the process is not stuck.
        """
        self._require_status(ProcessStatus.STUCK)
        for record in self._with_status(StepStatus.STUCK):
            self._move(record, StepStatus.UNDONE if is_undone_by_hand else StepStatus.DONE, at)
        self._undo_next(at)

    # Hooks, which a process may override

    def give_up(self, step: Step, *, at: datetime) -> None:
        """Do what follows when a step has waited too long: undo everything, it included."""
        self.undo(f"{step.name}: no answer in time", at=at)

    def after_undo(self, *, at: datetime) -> None:
        """Do what follows when everything is undone: nothing."""

    def _undo_next(self, at: datetime) -> None:
        """Undo the latest step that is to be undone, and those before it, until one waits."""
        if self._with_status(StepStatus.STUCK):
            return
        self.status, self.stuck_since = ProcessStatus.UNDOING, None
        for record in reversed(self.step_records):
            if record.status in TO_UNDO:
                self._undo_step(record, at)
            if self._with_status(StepStatus.UNDOING):
                return
        self._end(ProcessStatus.UNDONE, at)
        self.after_undo(at=at)

    def _undo_step(self, record: StepRecord, at: datetime) -> None:
        step = self._declared(record)
        if step.undo is not None:
            self._send(step.undo(self), step.name, Purpose.UNDO)
        if step.undo_within is None:
            self._move(record, StepStatus.UNDONE, at)
        else:
            self._move(record, StepStatus.UNDOING, at)
            self.set_timer(self.DEADLINE, step.undo_within, at=at, key=step.name)

    def _fail(self, record: StepRecord, reason: str, at: datetime) -> None:
        self._move(record, StepStatus.FAILED, at)
        self.undo(reason, at=at)

    def _refuse_undo(self, record: StepRecord, at: datetime) -> None:
        # A step whose undoing nothing confirms was taken for undone, perhaps too early.
        is_unconfirmed = self._declared(record).undo_within is None
        if record.status is StepStatus.UNDOING or (
            record.status is StepStatus.UNDONE and is_unconfirmed
        ):
            self._get_stuck(record, at)

    def _get_stuck(self, record: StepRecord, at: datetime) -> None:
        self._move(record, StepStatus.STUCK, at)
        self.status, self.stuck_since, self.ended_at = ProcessStatus.STUCK, at, None


def process_id(process: type[Process], *correlation: str) -> str:
    """Return the id of a process, which follows from what it is about.

    Whatever begins it a second time collides with it.

    Args:
        process: its class.
        correlation: the values that tell it from other processes of its class, such as a loan's id.

    Raises:
        InvalidValue: there is none, or one is empty.
    """
    if not correlation or not all(correlation):
        raise InvalidValue("correlation", "is missing")
    return derived_id("process", collection_of(process), *correlation)
