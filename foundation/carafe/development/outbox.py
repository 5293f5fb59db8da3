"""`carafe outbox`: shows and relays events that wait for the bus."""

import sys
import time
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from carafe.development.project import container
from carafe.infrastructure.container import Container
from carafe.infrastructure.outbox.relay import RelayResult

# The time between two updates of the progress.
ROUND_SECONDS = 8.0


@click.group()
def outbox() -> None:
    """Events that are committed and wait for the bus."""


@outbox.command()
@click.pass_context
def status(context: click.Context) -> None:
    """Show how many aggregates have waiting events, and for how long.

    Exit code 1 if any is parked.

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
        click.echo(f"parked: {each} has an event that cannot be published; correct or remove it,")
    if parked:
        click.echo("then relay it with `carafe outbox relay --parked`.")
        context.exit(1)


@outbox.command()
@click.option("--parked", is_flag=True, help="Also relay parked events.")
@click.option("--dry-run", is_flag=True, help="Only show how many aggregates have waiting events.")
def relay(*, parked: bool, dry_run: bool) -> None:
    """Relay all waiting events now, whatever bridges and sweeps do meanwhile.

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
    result = relay_all(service)
    click.echo(f"{result.events} events relayed, {result.parked} aggregates parked.")
    if result.unfinished:
        click.echo(f"error: {len(result.unfinished)} aggregates still have events.", err=True)
        sys.exit(1)


def relay_all(service: Container[Any]) -> RelayResult:
    """Relay until no events wait, or no more can be relayed."""
    console = Console(stderr=True)
    total = RelayResult()
    with Progress(console=console, disable=not console.is_terminal) as progress:
        remaining = waiting(service)
        task = progress.add_task("aggregates", total=remaining)
        while True:
            result = service.relay.sweep(0, time.monotonic() + ROUND_SECONDS)
            total = RelayResult(
                events=total.events + result.events,
                unfinished=result.unfinished,
                parked=total.parked + result.parked,
            )
            before, remaining = remaining, waiting(service)
            progress.advance(task, max(0, before - remaining))
            if not remaining or not result.events:
                return total


def waiting(service: Container[Any]) -> int:
    """Return how many aggregates have waiting events."""
    return sum(store.waiting() for store in service.outbox_stores.values())
