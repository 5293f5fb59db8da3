"""The options with which a command selects timers."""

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from carafe.development.filter_options import Command, with_filter, with_options
from carafe.infrastructure.container import Container

from .moments import MomentType
from .search import Filter, FoundTimer, matching_timers, named_timer

LISTED = 100

MOST_CHANGED = 10_000
"""They are selected before the first of them is changed, and held in memory."""


@dataclass(frozen=True)
class Selection:
    """The timers that a command is about.

    Attributes:
        named: aggregate, id and timer, if it is about one timer.
        condition: what they meet otherwise.
        limit: at most so many.
        is_all: whether no condition is needed.
    """

    named: tuple[str, ...]
    condition: Filter
    limit: int
    is_all: bool

    def timers(self, service: Container[Any], at: datetime) -> tuple[list[FoundTimer], bool]:
        """Return the timers, and whether there are more than the limit.

        Args:
            service: whose they are.
            at: the present.

        Raises:
            ClickException: too little or too much is said, or there is no such timer.
        """
        if not self.named:
            if self.condition == Filter() and not self.is_all:
                raise click.UsageError("Name a timer, select some with a filter, or use --all.")
            return found_timers(service, self.condition, self.limit, at)
        if self.condition != Filter() or self.is_all:
            raise click.UsageError("Name a timer or select some with a filter, not both.")
        try:
            aggregate, identifier, timer = self.named
        except ValueError:
            raise click.UsageError("A timer is named by three words: AGGREGATE ID TIMER.") from None
        return [named_timer(service, aggregate, identifier, timer)], False


def found_timers(
    service: Container[Any], condition: Filter, limit: int, at: datetime
) -> tuple[list[FoundTimer], bool]:
    """Return the first timers that meet a condition, and whether there are more.

    Args:
        service: whose they are.
        condition: what they meet.
        limit: at most so many.
        at: the present.

    Raises:
        ClickException: there is no such aggregate.
    """
    found = list(itertools.islice(matching_timers(service, condition, at), limit + 1))
    return found[:limit], len(found) > limit


def filter_options(limit: int) -> Callable[[Command], Command]:
    """Return a decorator with the options of a `Filter`; the command gets it as `condition`.

    Args:
        limit: for how many timers, unless the command is told.
    """
    options = (
        click.option("--aggregate", "of_aggregate", help="Such as Loan, or its collection."),
        click.option("--id", "of_id", help="The aggregate's id."),
        click.option("--timer", "of_timer", metavar="NAME", help="The timer's name."),
        click.option(
            "--due-before",
            "of_due_before",
            type=MomentType(),
            help="A time with its zone, or from now: +2d; +0s for what is overdue.",
        ),
        click.option("--parked", "of_parked", is_flag=True, help="Only those that are parked."),
        click.option("--reason", "of_reason", help="Only those parked for it: not_found, …"),
        click.option(
            "--limit", default=limit, show_default=True, type=click.IntRange(1, MOST_CHANGED)
        ),
    )

    return with_filter(options, Filter)


def selection_options(command: Command) -> Command:
    """Add what selects timers to be changed; the command gets it as one `Selection`."""

    @functools.wraps(command)
    def with_selection(
        condition: Filter,
        named: tuple[str, ...],
        limit: int,
        all_timers: bool,  # noqa: FBT001 - click's
        **given: Any,  # noqa: ANN401 - click's
    ) -> None:
        command(Selection(named, condition, limit, all_timers), **given)

    options = (
        click.argument("named", nargs=-1, metavar="[AGGREGATE ID TIMER]"),
        click.option("--all", "all_timers", is_flag=True, help="All timers, without a filter."),
        click.option("--dry-run", is_flag=True, help="Only show what would be done."),
    )
    return filter_options(MOST_CHANGED)(with_options(options, with_selection))
