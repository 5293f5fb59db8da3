"""The options with which a command selects parked messages."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import click

from .message import Filter, ParkedMessage, ParkedQueue, in_order

QUEUES = ("inbox", "commands", "unrouted")
MAX_MESSAGES = 10_000

Command = Callable[..., Any]


@dataclass(frozen=True)
class Selection:
    """The messages that a command is about.

    Attributes:
        queue: one of `QUEUES`.
        limit: the largest number of messages to read.
        filter: the condition that they meet.
    """

    queue: str
    limit: int
    filter: Filter

    def messages(self, source: ParkedQueue) -> list[ParkedMessage]:
        """Return the selected messages of the open queue, those of a subject in their order."""
        return in_order(filter(self.filter.matches, source.messages(self.limit)))


def selection_options(command: Command) -> Command:
    """Add the options that select messages; the command gets them as one `Selection`."""

    @functools.wraps(command)
    def with_selection(**options: Any) -> None:  # noqa: ANN401 - click's
        names = [each.name for each in fields(Filter)]
        condition = Filter(**{name: options.pop(f"of_{name}") for name in names})
        selection = Selection(options.pop("queue"), options.pop("limit"), condition)
        command(selection, **options)

    options = (
        queue_option,
        click.option("--id", "of_id", help="The message's id, or the beginning of it."),
        click.option(
            "--type", "of_type", help="The event's wire type, or the command's wire name."
        ),
        click.option("--subject", "of_subject", help="The message's subject."),
        click.option("--reason", "of_reason", help="Why it was parked: malformed, not_found, …"),
        click.option(
            "--limit",
            default=MAX_MESSAGES,
            show_default=True,
            type=click.IntRange(1, MAX_MESSAGES),
        ),
    )
    decorated: Command = with_selection
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


queue_option = click.option(
    "--queue", type=click.Choice(QUEUES), default="inbox", show_default=True
)
