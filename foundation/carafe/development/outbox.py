"""`carafe outbox`: events that wait for the bus."""

import sys
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from carafe.development.project import container
from carafe.infrastructure.container import Container
from carafe.infrastructure.outbox.relay import Relayed

# So much is relayed between two looks at how much is left.
ROUND_SECONDS = 8.0


@click.group()
def outbox() -> None:
    """Events that are committed and wait for the bus."""


@outbox.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Show how many aggregates have events that wait, and for how long.

    Exit code 1 if any was set aside.

    \b
    Example:
        carafe outbox status
    """
    service = container()
    parked = []
    for collection, store in service.outbox_stores.items():
        click.echo(f"{collection}: events of {store.waiting()} aggregates wait")
        parked += [f"{collection} {each}" for each in store.parked()]
    click.echo(f"oldest: {service.relay.oldest_pending_seconds():.1f} s")
    for each in parked:
        click.echo(f"parked: {each} has an event that cannot be published; mend or remove it,")
    if parked:
        click.echo("then `carafe outbox relay --parked` takes it up again.")
        context.exit(1)


@outbox.command()
@click.option("--parked", is_flag=True, help="Also what was set aside.")
@click.option("--dry-run", is_flag=True, help="Only show how much waits.")
def relay(*, parked: bool, dry_run: bool) -> None:
    """Relay everything that waits, now, beside whatever bridges and sweeps do.

    \b
    Example:
        carafe outbox relay
    """
    service = container()
    if dry_run:
        click.echo(f"events of {waiting(service)} aggregates would be relayed")
        return
    if parked:
        for store in service.outbox_stores.values():
            for identifier in store.parked():
                store.take_up(identifier)
    done = relayed(service)
    click.echo(f"{done.events} events relayed, {done.parked} aggregates parked.")
    if done.unfinished:
        click.echo(f"error: {len(done.unfinished)} aggregates still have events.", err=True)
        sys.exit(1)


def relayed(service: Container[Any]) -> Relayed:
    """Relay until nothing waits, or nothing moves any more."""
    console = Console(stderr=True)
    total = Relayed()
    with Progress(console=console, disable=not console.is_terminal) as progress:
        left = waiting(service)
        task = progress.add_task("aggregates", total=left)
        while True:
            done = service.relay.sweep(0, time.monotonic() + ROUND_SECONDS)
            total = Relayed(
                events=total.events + done.events,
                unfinished=done.unfinished,
                parked=total.parked + done.parked,
            )
            before, left = left, waiting(service)
            progress.advance(task, max(0, before - left))
            if not left or not done.events:
                return total


def waiting(service: Container[Any]) -> int:
    """Return how many aggregates have events that wait."""
    return sum(store.waiting() for store in service.outbox_stores.values())
