"""`carafe timers`: list timers, move or cancel them, have them called at once."""

import sys
from datetime import datetime

import click

from carafe.development.parked.message import printable
from carafe.development.project import container
from carafe.development.table import print_rows
from carafe.development.wording import counted
from carafe.domain.errors import InvalidValue
from carafe.domain.model import collection_of
from carafe.domain.timers import ActiveTimer

from .actions import AT_ONCE, TimerChange, cancelled, change_each, moved_to
from .moments import Moment, MomentType, length_text, time_text
from .search import Filter, FoundTimer
from .selection import LISTED, Selection, filter_options, found_timers, selection_options


@click.group()
def timers() -> None:
    """Timers that aggregates have set.

    One whose call fails is called again after 5, 60 and 600 seconds; then it is parked, and called
    no longer until it is moved. An aggregate's timers are called in the order in which they are
    due: one that failed holds the later ones back.
    """


@timers.command("list")
@filter_options(LISTED)
def list_timers(condition: Filter, limit: int) -> None:
    """List timers: parked ones first, then as they are called. Nothing is changed.

    \b
    Example:
        carafe timers list --aggregate Loan --due-before +1h
    """
    service = container()
    at = service.clock()
    found, are_more = found_timers(service, condition, limit, at)
    print_rows([_row(each, at) for each in found])
    click.echo(f"{len(found)} timers" + (", and there are more" if are_more else ""))


@timers.command()
@selection_options
@click.argument("when", type=MomentType())
def move(selection: Selection, when: Moment, *, dry_run: bool) -> None:
    """Have timers called at another time; parked ones too.

    WHEN is a time with its zone, such as 2026-03-01T09:00Z, or one from now, such as +30m or +2d.
    A timer that recurs is called then, and by its recurrence afterwards. Each change is a commit
    of its own, and recorded in a line on stderr.

    \b
    Examples:
        carafe timers move Loan 019aa5b2-… time_up 2026-03-01T09:00+01:00
        carafe timers move --parked --timer time_up +1m --dry-run
    """
    _act("move", selection, when, dry_run=dry_run)


@timers.command()
@selection_options
def cancel(selection: Selection, *, dry_run: bool) -> None:
    """Cancel timers for good, those that recur as well.

    Each change is a commit of its own, and recorded in a line on stderr.

    \b
    Example:
        carafe timers cancel Loan 019aa5b2-… reminder:first
    """
    _act("cancel", selection, None, dry_run=dry_run)


@timers.command()
@selection_options
def fire(selection: Selection, *, dry_run: bool) -> None:
    """Have timers called now; parked ones too. A timer that recurs keeps its recurrence.

    Each change is a commit of its own, and recorded in a line on stderr; `execute` calls them.

    \b
    Example:
        carafe timers fire --parked --reason service_unavailable
    """
    _act("fire", selection, AT_ONCE, dry_run=dry_run)


def _act(action: str, selection: Selection, due: Moment | None, *, dry_run: bool) -> None:
    """Move the selected timers, or cancel them if they are due no more; print how many."""
    service = container()
    at = service.clock()
    change = cancelled if due is None else _move(due, at)
    found, are_more = selection.timers(service, at)
    if dry_run:
        for each in found:
            click.echo(printable(f"would {action} {each}, due {time_text(each.timer.due)}"))
    else:
        refused = change_each(service, action, found, change)
        done = counted(len(found) - refused, "timer", "timers")
        click.echo(f"{done}: {action} done; {refused} stay as they were.")
    if are_more:
        click.echo("There are more than --limit allows.")
    if not dry_run and refused:
        sys.exit(1)


def _move(due: Moment, at: datetime) -> TimerChange:
    try:
        return moved_to(due, at)
    except InvalidValue as error:
        raise click.BadParameter(f"it {error.reason}.", param_hint="WHEN") from error


def _row(found: FoundTimer, at: datetime) -> tuple[str, ...]:
    timer = found.timer
    collection = collection_of(found.aggregate)
    recurrence = timer.recurrence
    again = f", recurs by {recurrence.cron} {recurrence.zone}" if recurrence else ""
    state = _state(timer, at) + again
    cells = (collection, found.aggregate_id, timer.id, time_text(timer.due), state)
    return tuple(map(printable, cells))


def _state(timer: ActiveTimer, at: datetime) -> str:
    if timer.parking is not None:
        parking = timer.parking
        return f"parked {time_text(parking.at)}: {parking.code} {parking.detail}".rstrip()
    failures = f", failures: {timer.failures}" if timer.failures else ""
    if timer.next_call <= at:
        return f"overdue by {length_text(at - timer.next_call)}{failures}"
    if timer.again_at is not None:
        return f"held back until {time_text(timer.again_at)}{failures}"
    return f"waits {length_text(timer.due - at)}"
