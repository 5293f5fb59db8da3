"""`carafe outbox`: shows and relays events and commands that wait to be sent."""

import sys
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from carafe.development.project import container
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import (
    MOST_COUNTED,
    MongoOutboxStore,
    WaitingEntries,
)
from carafe.infrastructure.outbox.relay_result import RelayResult

# The time between two updates of the progress.
ROUND_SECONDS = 8.0

NEWER = (
    "only newer code can send; they hold back what is behind them in their aggregates, until it "
    "runs again"
)


@click.group()
def outbox() -> None:
    """Events and commands that are committed and wait to be sent."""


@outbox.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Show how many events and commands wait, of how many aggregates, and for how long.

    Exit code 1 if any is parked.

    \b
    Example:
        carafe outbox status
    """
    service = container()
    parked = []
    for collection, store in service.outbox_stores.items():
        entries = store.waiting_entries()
        click.echo(f"{collection}: {_waiting_text(store, entries)}")
        if entries.unknown:
            click.echo(f"newer: {collection} has {entries.unknown} entries that {NEWER}")
        parked += [f"{collection} {each}" for each in store.parked()]
    click.echo(f"oldest: {service.relay.oldest_pending_seconds():.1f} s")
    for each in parked:
        click.echo(f"parked: {each} has an entry that cannot be sent; correct or remove it,")
    if parked:
        click.echo("then relay it with `carafe outbox relay --parked`.")
        context.exit(1)


@outbox.command()
@click.option("--parked", is_flag=True, help="Also relay what is parked.")
@click.option("--dry-run", is_flag=True, help="Only show how many aggregates wait.")
def relay(*, parked: bool, dry_run: bool) -> None:
    """Relay all that waits now, whatever bridges and sweeps do meanwhile.

    \b
    Example:
        carafe outbox relay
    """
    service = container()
    if dry_run:
        click.echo(f"events and commands of {waiting(service)} aggregates would be relayed")
        return
    if parked:
        for store in service.outbox_stores.values():
            for identifier in store.parked():
                store.take_up(identifier)
    result = relay_all(service)
    click.echo(
        f"{result.events} events relayed, {result.commands} commands, "
        f"{result.parked} aggregates parked."
    )
    if result.unfinished:
        click.echo(f"error: {len(result.unfinished)} aggregates still wait.", err=True)
        sys.exit(1)


def relay_all(service: Container[Any]) -> RelayResult:
    """Relay until nothing waits, or no more can be relayed."""
    console = Console(stderr=True)
    total = RelayResult()
    with Progress(console=console, disable=not console.is_terminal) as progress:
        remaining = waiting(service)
        task = progress.add_task("aggregates", total=remaining)
        while True:
            result = service.relay.sweep(0, time.monotonic() + ROUND_SECONDS)
            total = RelayResult(
                events=total.events + result.events,
                commands=total.commands + result.commands,
                unfinished=result.unfinished,
                parked=total.parked + result.parked,
            )
            before, remaining = remaining, waiting(service)
            progress.advance(task, max(0, before - remaining))
            if not remaining or not result.confirmed:
                return total


def waiting(service: Container[Any]) -> int:
    """Return how many aggregates wait."""
    return sum(store.waiting() for store in service.outbox_stores.values())


def _waiting_text(store: MongoOutboxStore, entries: WaitingEntries) -> str:
    aggregates = store.waiting()
    counts = f"{entries.events} events and {entries.commands} commands"
    part = f" in the first {MOST_COUNTED:,} of them" if aggregates > MOST_COUNTED else ""
    return f"{aggregates} aggregates wait, with {counts}{part}"
