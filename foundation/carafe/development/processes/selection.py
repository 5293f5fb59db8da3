"""The options with which a command selects processes."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from carafe.development.filter_options import Command, with_filter
from carafe.development.timers.moments import MomentType
from carafe.domain.errors import NotFound
from carafe.domain.process import Process
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container

from .search import Filter, matching_processes, process_named

MOST_PROCESSES = 10_000
"""Those of one command: they are chosen before the first one is changed."""

LISTED = 100


class AgeType(click.ParamType[timedelta]):
    """A length of time: `30m`, `2d`."""

    name = "AGE"

    def convert(
        self, value: timedelta | str, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the length."""
        if isinstance(value, timedelta):
            return value
        try:
            length = MomentType().convert(f"+{value}", None, None)
        except click.BadParameter:
            length = None
        if not isinstance(length, timedelta):
            self.fail(f"{value!r} is no length of time such as 30m, 12h or 2d.", param, ctx)
        return length


@dataclass(frozen=True)
class Selection:
    """The processes that a command changes.

    Attributes:
        process: the class of one process, and `id` its id; None for those that the filter chooses.
        id: of one process.
        filter: chooses several.
        limit: the largest number of them.
    """

    process: str | None
    id: str | None
    filter: Filter
    limit: int

    def processes(
        self, service: Container[Any], status: ProcessStatus
    ) -> tuple[list[Process], bool]:
        """Return the selected processes, and whether there are more than the limit.

        Args:
            service: whose they are.
            status: where those must stand that the filter chooses.

        Raises:
            ClickException: there is no such class, or no such process.
        """
        if self.process is None or self.id is None:
            return matching_processes(service, self.filter, [status], self.limit)
        return [named_process(service, self.process, self.id)], False


def named_process(service: Container[Any], process: str, identifier: str) -> Process:
    """Return one process.

    Raises:
        ClickException: there is no such class, or no such process.
    """
    repository = service.repository(process_named(service, process))
    try:
        return repository.get(identifier)
    except NotFound as error:
        raise click.ClickException(error.message) from None


def filter_options(limit: int) -> Callable[[Command], Command]:
    """Return a decorator that adds the options of a `Filter`, and `--limit`.

    The command gets the first as `condition`.

    Args:
        limit: how many processes a command is about, unless it is told otherwise.
    """
    options = (
        click.option("--process", "of_process", help="Such as Reminding, or its collection."),
        click.option("--older-than", "of_older_than", type=AgeType(), help="30m, 12h, 2d."),
        click.option(
            "--limit", default=limit, show_default=True, type=click.IntRange(1, MOST_PROCESSES)
        ),
    )

    return with_filter(options, Filter)


def selection_options(command: Command) -> Command:
    """Add what selects processes to be changed; the command gets it as one `Selection`.

    Either one process is named, or several are chosen by a filter, or by `--all`.
    """

    @click.argument("process", required=False)
    @click.argument("identifier", metavar="ID", required=False)
    @click.option("--all", "every", is_flag=True, help="All of them, when no filter is given.")
    @click.option("--dry-run", is_flag=True, help="Only show what would be done.")
    @filter_options(MOST_PROCESSES)
    @functools.wraps(command)
    def with_selection(**given: Any) -> None:  # noqa: ANN401 - click's
        process, identifier = given.pop("process"), given.pop("identifier")
        condition, every = given.pop("condition"), given.pop("every")
        has_filter = condition != Filter()
        if (process is None) != (identifier is None):
            raise click.UsageError("Name a process by its class and its id.")
        if [process is not None, has_filter or every].count(True) != 1 or (has_filter and every):
            raise click.UsageError("Name one process, or select some with a filter or --all.")
        command(Selection(process, identifier, condition, given.pop("limit")), **given)

    return with_selection
