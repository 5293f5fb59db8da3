"""`carafe parked`: list parked messages, show them, send them back or discard them."""

import json
import sys
from contextlib import AbstractContextManager

import click

from carafe.development.project import container
from carafe.development.table import print_rows
from carafe.development.wording import counted
from carafe.infrastructure.settings import Settings

from .actions import apply_to_each
from .message import Filter, ParkedQueue, printable
from .on_rabbitmq import parked_events, unrouted_events
from .on_sqs import parked_commands
from .selection import MAX_MESSAGES, Selection, queue_option, selection_options


@click.group()
def parked() -> None:
    """Messages that were set aside for a person.

    \b
    inbox     events and commands of other services that could not be handled
    commands  commands from SQS that could not be executed
    unrouted  events and commands of this service for which there was no queue
    """


@parked.command("list")
@selection_options
def list_messages(selection: Selection) -> None:
    """List parked messages, oldest first. Nothing is changed.

    \b
    Example:
        carafe parked list --reason not_found
    """
    with open_queue(selection.queue) as source:
        messages = selection.messages(source)
    print_rows(
        [(each.id, each.type, each.subject, each.reason, each.parked_at) for each in messages]
    )
    click.echo(f"{len(messages)} messages in {source.name}")


@parked.command()
@click.argument("message_id")
@queue_option
def show(message_id: str, queue: str) -> None:
    """Show a message with its headers and body. MESSAGE_ID may be the beginning of an id.

    \b
    Example:
        carafe parked show 019aa5b2
    """
    with open_queue(queue) as source:
        messages = Selection(queue, MAX_MESSAGES, Filter(id=message_id)).messages(source)
    if not messages:
        raise click.ClickException(f"no message {message_id} in {source.name}")
    for each in messages:
        for name, value in each.notes.items():
            click.echo(printable(f"{name}: {value}"))
        click.echo(readable(each.body))


@parked.command()
@selection_options
@click.option("--all", "all_messages", is_flag=True, help="All messages, when no filter is given.")
@click.option("--dry-run", is_flag=True, help="Only show what would be sent back.")
def redrive(selection: Selection, *, all_messages: bool, dry_run: bool) -> None:
    """Send messages back to where they came from. One that took effect has no second effect.

    The messages of one subject go back in their order; when one is not accepted, the later
    ones of its subject stay. Each action is recorded in a line on stderr.

    \b
    Example:
        carafe parked redrive --reason not_found --dry-run
    """
    act("redrive", selection, all_messages=all_messages, dry_run=dry_run)


@parked.command()
@selection_options
@click.option("--all", "all_messages", is_flag=True, help="All messages, when no filter is given.")
@click.option("--dry-run", is_flag=True, help="Only show what would be discarded.")
def discard(selection: Selection, *, all_messages: bool, dry_run: bool) -> None:
    """Discard messages for good. Each action is recorded in a line on stderr.

    \b
    Example:
        carafe parked discard --id 019aa5b2
    """
    act("discard", selection, all_messages=all_messages, dry_run=dry_run)


def act(action: str, selection: Selection, *, all_messages: bool, dry_run: bool) -> None:
    """Redrive or discard the selected messages, and print how many."""
    if not all_messages and selection.filter == Filter():
        raise click.UsageError("Select messages with a filter, or use --all.")
    with open_queue(selection.queue) as source:
        messages = selection.messages(source)
        if dry_run:
            for each in messages:
                click.echo(f"would {action} {each.type} {each.subject} {each.id}")
            return
        remaining = apply_to_each(action, source, messages)
    count = len(messages) - remaining
    done = counted(count, "message", "messages")
    click.echo(f"{done}: {action} done; {remaining} stay in {source.name}.")
    if remaining:
        sys.exit(1)


def open_queue(queue: str) -> AbstractContextManager[ParkedQueue]:
    """Open one of the queues."""
    service = container()
    settings = service.settings
    if queue == "commands":
        import boto3  # noqa: PLC0415 - the other commands need not load it

        return parked_commands(boto3.client("sqs"), command_queue())
    if not settings.rabbitmq_url:
        raise click.ClickException("EVENT_BUS_TYPE is base: there is no broker.")
    open_events = parked_events if queue == "inbox" else unrouted_events
    return open_events(settings.rabbitmq_url, settings.service_name)


def command_queue() -> str:
    """Return the name of the queue that triggers `execute`; on a stage, the stage is part of it."""
    settings: Settings = container().settings
    return settings.command_queue_url.rpartition("/")[2]


def readable(body: bytes) -> str:
    """Return a body as indented JSON, or its bytes if it is not JSON."""
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return repr(body)
    return printable(text, allowed="\n")
