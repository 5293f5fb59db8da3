"""Messages to processes: each begins one, or takes it a step further.

    def loan_opened(self, event: LoanOpenedV1, context: CommandContext) -> CommandResult:
        return begin(
            self.remindings,
            process_id(Reminding, event.loan_id),
            context,
            lambda identifier: Reminding.of(identifier, event.loan_id, at=self.clock()),
        )

    def letter_sent(self, event: LetterSentV1, context: CommandContext) -> CommandResult:
        return advance(
            self.remindings,
            process_id(Reminding, event.loan_id),
            context,
            lambda reminding: reminding.letter_sent(at=self.clock()),
        )

An event that comes before the process begins finds none, is held back by the inbox, and comes
again.
"""

from collections.abc import Callable
from typing import TypeVar

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.contracts.received_commands import CommandRefused
from carafe.domain.errors import AlreadyExists, DomainError, RuleBroken
from carafe.domain.model import Clock
from carafe.domain.process import AfterEnd, Process
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.repository import Repository

from .execution import change
from .mediator import TimerHandler

P = TypeVar("P", bound=Process)


def begin(
    processes: Repository[P], identifier: str, context: CommandContext, make: Callable[[str], P]
) -> CommandResult:
    """Make and store a process, unless it has begun.

    Args:
        processes: where it is kept.
        identifier: of `process_id`.
        context: of the message that begins it.
        make: makes the process with the id given.

    Returns:
        The process that is there, as `repeated`, if another message has begun it.

    Raises:
        RuleBroken: it would wait for nothing; or it has ended, and refuses what comes later.
    """
    try:
        return processes.add(_going_on(make(identifier)), context)
    except DomainError as refusal:
        # What was allowed the first time may be refused now: a repeat still gets its answer.
        earlier = processes.earlier_result(identifier, context)
        if earlier is not None:
            return earlier
        if not isinstance(refusal, AlreadyExists) or not processes.exists(identifier):
            raise
    process = processes.get(identifier)
    if process.has_ended:
        _answer_after_end(process)
    return CommandResult(id=identifier, version=process.version, repeated=True)


def advance(
    processes: Repository[P], identifier: str, context: CommandContext, apply: Callable[[P], object]
) -> CommandResult:
    """Change a process; one that has ended answers as it declares.

    Args:
        processes: where it is kept.
        identifier: of `process_id`.
        context: of the message.
        apply: the change; called again on the new state when another message was faster.

    Raises:
        NotFound: it has not begun.
        RuleBroken: it would wait for nothing; or it has ended, and refuses what comes later.
    """

    def unless_ended(process: P) -> None:
        if process.has_ended:
            _answer_after_end(process)
        else:
            apply(process)
            _going_on(process)

    return change(processes, identifier, context, unless_ended)


def refusal(
    processes: Repository[P], event: CommandRefused, context: CommandContext, clock: Clock
) -> CommandResult:
    """Tell the process that sent a command that its receiver refuses it.

    It is told after its end, too: the command of an undoing may have been its last. Every sender
    hears of every refusal, so that most are of no concern; the id of a command is stored before
    the command leaves.

    Args:
        processes: where it is kept.
        event: the refusal.
        context: of the event.
        clock: returns the present.

    Returns:
        The process; with version 0 and the id of the command, if none of these sent it.

    Raises:
        RuleBroken: the process has ended, and refuses what comes later.
    """
    found = processes.find(equals("command_ids", event.command_id), limit=1).items
    if not found:
        return CommandResult(id=event.command_id, version=0)

    def refuse(process: P) -> None:
        had_ended = process.has_ended
        process.refuse(event.command_id, event.code, at=clock())
        if had_ended and process.has_ended:
            _answer_after_end(process)
        _going_on(process)

    return change(processes, found[0].id, context, refuse)


def deadlines(processes: Repository[P], clock: Clock) -> TimerHandler:
    """Return the handler of the timer that a process declares as its `DEADLINE`.

    Args:
        processes: where it is kept.
        clock: returns the present.
    """

    def pass_deadline(timer: DueTimer, context: CommandContext) -> CommandResult:
        return advance(
            processes,
            timer.aggregate_id,
            context,
            lambda process: process.pass_deadline(timer.key, at=clock()),
        )

    return pass_deadline


def _answer_after_end(process: Process) -> None:
    if process.AFTER_END is AfterEnd.REFUSE:
        raise RuleBroken("The process has ended.", code="process_has_ended")


def _going_on(process: P) -> P:
    """Return a process that something will take further, or that has ended or is stuck.

    Raises:
        RuleBroken: it would wait for nothing, and for ever.
    """
    if process.is_stranded:
        raise RuleBroken(
            "The process would wait for nothing: begin a step, set a timer, or end it.",
            code="process_is_stranded",
        )
    return process
