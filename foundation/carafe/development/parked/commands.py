"""`carafe parked`: look at what was set aside, send it back, or give it up."""

import functools
import getpass
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from carafe.development.project import container, project

from .message import Filter, ParkedMessage, ParkedQueue, RedriveFailed, in_order
from .on_rabbitmq import parked_events, unrouted_events
from .on_sqs import parked_commands

QUEUES = ("inbox", "commands", "unrouted")
MOST = 10_000

Command = Callable[..., Any]


@click.group()
def parked() -> None:
    """Messages that were set aside for a person.

    \b
    inbox     events of other services that could not be handled
    commands  commands from SQS that could not be executed
    unrouted  events of this service that no queue wanted when they came
    """


@dataclass(frozen=True)
class Choice:
    """Which messages are meant.

    Attributes:
        queue: one of `QUEUES`.
        limit: at most so many are looked at.
        filter: which of them.
    """

    queue: str
    limit: int
    filter: Filter

    def messages(self, source: ParkedQueue) -> list[ParkedMessage]:
        """Return the chosen messages of the opened queue, those of a subject in their order."""
        return in_order(filter(self.filter.chooses, source.messages(self.limit)))


def choosing(command: Command) -> Command:
    """Add the options that choose messages; the command gets them as one `Choice`."""

    @functools.wraps(command)
    def with_choice(**options: Any) -> None:  # noqa: ANN401 - click's
        chosen = Filter(**{each.name: options.pop(f"of_{each.name}") for each in fields(Filter)})
        command(Choice(options.pop("queue"), options.pop("limit"), chosen), **options)

    options = (
        click.option("--queue", type=click.Choice(QUEUES), default="inbox", show_default=True),
        click.option("--id", "of_id", help="Of the message, or the beginning of it."),
        click.option("--type", "of_type", help="Wire type of the event, wire name of the command."),
        click.option("--subject", "of_subject", help="What the message is about."),
        click.option("--reason", "of_reason", help="Why it was set aside: malformed, not_found, …"),
        click.option("--limit", default=MOST, show_default=True, type=click.IntRange(1, MOST)),
    )
    decorated: Command = with_choice
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


@parked.command("list")
@choosing
def list_messages(choice: Choice) -> None:
    """Show what was set aside, oldest first. Nothing is changed.

    \b
    Example:
        carafe parked list --reason not_found
    """
    with opened(choice.queue) as source:
        found = choice.messages(source)
    # Plain columns: they can be piped, and an id can be copied whole.
    rows = [(each.id, each.type, each.subject, each.reason, each.parked_at) for each in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    click.echo(f"{len(found)} messages in {source.name}")


@parked.command()
@click.argument("message_id")
@click.option("--queue", type=click.Choice(QUEUES), default="inbox", show_default=True)
def show(message_id: str, queue: str) -> None:
    """Show one message whole: its notes and its body. MESSAGE_ID may be its beginning.

    \b
    Example:
        carafe parked show 019aa5b2
    """
    with opened(queue) as source:
        found = Choice(queue, MOST, Filter(id=message_id)).messages(source)
    if not found:
        raise click.ClickException(f"no message {message_id} in {source.name}")
    for each in found:
        for name, value in each.notes.items():
            click.echo(f"{name}: {value}")
        click.echo(readable(each.body))


@parked.command()
@choosing
@click.option("--all", "everything", is_flag=True, help="Really all, when no filter is given.")
@click.option("--dry-run", is_flag=True, help="Only show what would be sent back.")
def redrive(choice: Choice, *, everything: bool, dry_run: bool) -> None:
    """Send messages back to where they came from. One that took effect before has no second one.

    The messages of one subject go back in their order; when one is not accepted, the later
    ones of its subject stay. Each action is a line on stderr, for the records.

    \b
    Example:
        carafe parked redrive --reason not_found --dry-run
    """
    act("redrive", choice, everything=everything, dry_run=dry_run)


@parked.command()
@choosing
@click.option("--all", "everything", is_flag=True, help="Really all, when no filter is given.")
@click.option("--dry-run", is_flag=True, help="Only show what would be given up.")
def discard(choice: Choice, *, everything: bool, dry_run: bool) -> None:
    """Give messages up, for good. Each one is a line on stderr, for the records.

    \b
    Example:
        carafe parked discard --id 019aa5b2
    """
    act("discard", choice, everything=everything, dry_run=dry_run)


def act(action: str, choice: Choice, *, everything: bool, dry_run: bool) -> None:
    """Redrive or discard the chosen messages, and say how many."""
    if not everything and choice.filter == Filter():
        raise click.UsageError("Say which messages are meant, or --all.")
    with opened(choice.queue) as source:
        found = choice.messages(source)
        if dry_run:
            for each in found:
                click.echo(f"would {action} {each.type} {each.subject} {each.id}")
            return
        left = performed(action, source, found)
    click.echo(f"{len(found) - left} messages: {action} done; {left} stay in {source.name}.")
    if left:
        sys.exit(1)


def performed(action: str, source: ParkedQueue, messages: list[ParkedMessage]) -> int:
    """Do it, one after the other; return how many were not accepted or had to stay behind."""
    refused: set[str] = set()
    left = 0
    console = Console(stderr=True)
    for each in track(messages, action, console=console, disable=not console.is_terminal):
        if each.subject and each.subject in refused:
            left += 1
            continue
        try:
            getattr(source, action)(each)
        except RedriveFailed as error:
            refused.add(each.subject)
            left += 1
            audit(f"{action} refused: {error}", source, each)
        else:
            audit(action, source, each)
    return left


def audit(action: str, source: ParkedQueue, message: ParkedMessage) -> None:
    """Leave a line for the records: who did what to which message."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "audit": action,
        "by": getpass.getuser(),
        "queue": source.name,
        "id": message.id,
        "type": message.type,
        "subject": message.subject,
        "reason": message.reason,
    }
    click.echo(json.dumps(line), err=True)


def opened(queue: str) -> AbstractContextManager[ParkedQueue]:
    """Open one of the queues."""
    service = container()
    settings = service.settings
    if queue == "commands":
        return parked_commands(service.sqs, command_queue())
    if not settings.rabbitmq_url:
        raise click.ClickException("EVENT_BUS_TYPE is base: there is no broker.")
    chosen = parked_events if queue == "inbox" else unrouted_events
    return chosen(settings.rabbitmq_url, settings.service_name)


def command_queue() -> str:
    """Return the name of the queue that triggers `execute`."""
    app = project().app
    from carafe.development.event_sources import queue_triggers  # noqa: PLC0415 - the same

    return next(each.queue for each in queue_triggers(app) if each.function == "execute")


def readable(body: bytes) -> str:
    """Return a body as a person reads it best."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return repr(body)
