"""`carafe processes`: list processes, show one, resume those that are stuck, undo one that runs."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from carafe.development.parked.message import printable
from carafe.development.project import container
from carafe.development.table import print_rows
from carafe.development.timers.moments import length_text, time_text
from carafe.development.wording import counted
from carafe.domain.errors import RuleBroken
from carafe.domain.model import collection_of
from carafe.domain.process import Process
from carafe.domain.process_state import ProcessStatus
from carafe.domain.requirements import LONGEST_TEXT
from carafe.domain.steps import StepStatus

from .actions import ProcessChange, change_each
from .search import NOT_ENDED, Filter, matching_processes
from .selection import LISTED, Selection, filter_options, named_process, selection_options

_OPEN = {StepStatus.WAITING, StepStatus.UNDOING, StepStatus.STUCK}


@click.group()
def processes() -> None:
    """Conversations over several aggregates and services.

    \b
    running    goes on when its step is answered, or back when its deadline passes
    undoing    what it did is undone in reverse
    stuck      a step cannot be undone: a person must see to it
    completed, undone    it has ended
    """


@processes.command("list")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([each.value for each in ProcessStatus]),
    help="By default, those that have not ended. May be repeated.",
)
@filter_options(LISTED)
def list_processes(condition: Filter, limit: int, statuses: Sequence[str]) -> None:
    """List processes, those that began first in front. Nothing is changed.

    \b
    Example:
        carafe processes list --status stuck --older-than 1d
    """
    service = container()
    chosen = [ProcessStatus(each) for each in dict.fromkeys(statuses)] or NOT_ENDED
    found, are_more = matching_processes(service, condition, chosen, limit)
    at = service.clock()
    print_rows([_row(each, at) for each in found])
    click.echo(f"{len(found)} processes" + (", and there are more" if are_more else ""))


@processes.command()
@click.argument("process")
@click.argument("identifier", metavar="ID")
def show(process: str, identifier: str) -> None:
    """Show a process with its steps, their times and deadlines, and the commands that it sent.

    \b
    Example:
        carafe processes show Reminding 98a48ca7-2e75-50e8-9c8d-6f3f5bd5a0bd
    """
    found = named_process(container(), process, identifier)
    for line in _lines(found):
        click.echo(printable(line))
    print_rows(list(_step_rows(found)))
    for each in found.command_ids:
        click.echo(f"sent  {each}")


@processes.command()
@click.option(
    "--undone-by-hand",
    is_flag=True,
    help="You have undone the step where it is stuck; its command is not sent again.",
)
@selection_options
def resume(selection: Selection, *, undone_by_hand: bool, dry_run: bool) -> None:
    """Have stuck processes go on with undoing.

    The command that undoes a step is sent again under the same id, so that it takes effect once.
    Each change is a commit of its own, and recorded in a line on stderr.

    \b
    Examples:
        carafe processes resume Reminding 98a48ca7-2e75-50e8-9c8d-6f3f5bd5a0bd --undone-by-hand
        carafe processes resume --process Reminding --dry-run
    """
    clock = container().clock
    _act(
        "resume",
        selection,
        ProcessStatus.STUCK,
        lambda process: process.resume(at=clock(), is_undone_by_hand=undone_by_hand),
        {"undone_by_hand": "yes" if undone_by_hand else "no"},
        dry_run=dry_run,
    )


@processes.command()
@click.option("--reason", required=True, help=f"Why, in at most {LONGEST_TEXT} characters.")
@selection_options
def undo(selection: Selection, *, reason: str, dry_run: bool) -> None:
    """Give up running processes: what they did is undone in reverse.

    Each change is a commit of its own, and recorded in a line on stderr.

    \b
    Example:
        carafe processes undo Reminding 98a48ca7-2e75-50e8-9c8d-6f3f5bd5a0bd --reason "a mistake"
    """
    if not reason.strip():
        raise click.UsageError("--reason must say something.")
    clock = container().clock

    def give_up(process: Process) -> None:
        if process.status in {ProcessStatus.UNDOING, ProcessStatus.STUCK}:
            raise RuleBroken(f"This process is {process.status.value} already.")
        process.undo(reason, at=clock())

    _act(
        "undo",
        selection,
        ProcessStatus.RUNNING,
        give_up,
        {"reason": reason},
        dry_run=dry_run,
    )


def _act(  # noqa: PLR0913 - what two commands have in common
    action: str,
    selection: Selection,
    status: ProcessStatus,
    apply: ProcessChange,
    notes: dict[str, str],
    *,
    dry_run: bool,
) -> None:
    """Change the selected processes, and print how many."""
    service = container()
    found, are_more = selection.processes(service, status)
    refused = 0
    if dry_run:
        for each in found:
            name = f"{collection_of(type(each))} {each.id}"
            click.echo(f"would {action} {name}, which is {each.status.value}")
    else:
        refused = change_each(service, action, found, apply, notes)
        done = counted(len(found) - refused, "process", "processes")
        click.echo(f"{done}: {action} done; {refused} stay as they were.")
    if are_more:
        click.echo("There are more than --limit allows.")
    if refused:
        sys.exit(1)


def _row(process: Process, at: datetime) -> tuple[str, ...]:
    waiting = [
        f"{each.name} {each.status.value} for {length_text(at - each.since)}"
        for each in process.step_records
        if each.status in _OPEN and not process.has_ended
    ]
    end = f"ended {time_text(process.ended_at)}" if process.ended_at else ""
    return (
        collection_of(type(process)),
        process.id,
        process.status.value,
        time_text(process.begun_at),
        printable("; ".join(filter(None, [*waiting, end, process.reason]))),
    )


def _lines(process: Process) -> Iterator[str]:
    yield f"{type(process).__name__} {process.id}, version {process.version}"
    yield f"status: {process.status.value}"
    yield f"begun: {time_text(process.begun_at)}"
    if process.reason is not None:
        yield f"reason: {process.reason}"
    if process.stuck_since is not None:
        yield f"stuck: {time_text(process.stuck_since)}"
    if process.ended_at is not None:
        yield f"ended: {time_text(process.ended_at)}"
    for timer in process.timers:
        if timer.name != process.DEADLINE.name:
            yield f"timer {timer.id}: {time_text(timer.next_call)}"


def _step_rows(process: Process) -> Iterator[tuple[str, ...]]:
    known = {each.name for each in process.STEPS}
    for each in process.step_records:
        timer = process.timer(process.DEADLINE, each.name)
        notes = [
            f"deadline {time_text(timer.next_call)}" if timer else "",
            f"parked: {timer.parking.code}" if timer and timer.parking else "",
            "" if each.name in known else "no longer declared",
        ]
        yield (
            f"step  {each.name}",
            each.status.value,
            time_text(each.since),
            ", ".join(filter(None, notes)),
        )
