"""`carafe bus`: what must exist on the broker, and what does."""

import os

import click

from carafe.development.project import container, project
from carafe.infrastructure.event_bus.topology import topology_of

from .broker.advice import Advice, advice_on
from .broker.check import faults_of, strangers_of, unconsumed, unpublished
from .broker.management import LiveBroker, Management


class NoBroker(Exception):
    """There is no broker to be asked; the message says why."""


@click.group()
def bus() -> None:
    """Exchanges, queues and bindings, held to what the contracts demand."""


@bus.command()
@click.option("--dry-run", is_flag=True, help="Only show what must exist.")
def declare(*, dry_run: bool) -> None:
    """Make what is missing on the broker. What is there stays, with its messages.

    \b
    Example:
        carafe bus declare --dry-run
    """
    service = broker_service()
    topology = topology_of(service, project().service.subscribed)
    if not dry_run:
        container().prepare_bus()
    for exchange in topology.exchanges:
        owner = "" if exchange.ours else "  (another service's; made only if missing)"
        click.echo(f"exchange  {exchange.name}  {exchange.kind}{owner}")
    for queue in topology.queues:
        click.echo(f"queue     {queue.name}")
    for binding in topology.bindings:
        click.echo(f"binding   {binding.exchange} --{binding.routing_key}--> {binding.queue}")
    click.echo("Nothing was made." if dry_run else "All of it is there.")


@bus.command()
@click.option("--allow-unconsumed", is_flag=True, help="Events that no queue wants are no fault.")
@click.pass_context
def check(context: click.Context, *, allow_unconsumed: bool) -> None:
    """Hold the live broker against the contracts. Exit code 1 when something differs.

    It asks RabbitMQ's management API, where RABBITMQ_MANAGEMENT_URL says; by default that is
    port 15672 beside amqp, port 443 beside amqps.

    \b
    Example:
        carafe bus check --allow-unconsumed
    """
    service = broker_service()
    live = live_broker()
    faults = faults_on_broker(service, live)
    ignored = unconsumed(service, list(project().service.published.values()), live)
    for fault in faults if allow_unconsumed else [*faults, *ignored]:
        click.echo(f"fault  {fault}")
    if allow_unconsumed:
        for each in ignored:
            click.echo(f"note   {each}")
    if faults or (ignored and not allow_unconsumed):
        click.echo("`carafe bus declare` makes what is missing; it changes nothing that exists.")
        context.exit(1)
    click.echo("The broker is as the contracts demand.")


@bus.command()
def advise() -> None:
    """Explain the routing key of each event, and warn of keys that leave the convention.

    \b
    Example:
        carafe bus advise
    """
    click.echo(
        "A routing key is context.aggregate.event. The type in the envelope adds the version, so\n"
        "that who wanted an event goes on getting it when its next version comes.\n"
    )
    service = container().settings.service_name
    declared = project().service
    aggregates = [each.__name__.lower() for each in declared.repositories]
    for event in declared.published.values():
        _show("publishes", advice_on(event, service, aggregates))
    for event in declared.subscribed:
        _show("consumes", advice_on(event, None, ()))


def broker_service() -> str:
    """Return the name of the service whose broker is meant.

    Raises:
        NoBroker: the bus is the in-memory one.
    """
    settings = container().settings
    if not settings.rabbitmq_url:
        raise NoBroker("EVENT_BUS_TYPE is base: the bus is in memory, and there is no broker.")
    name: str = settings.service_name
    return name


def live_broker() -> LiveBroker:
    """Return what exists on the broker.

    Raises:
        ManagementUnavailable: its management API does not answer.
    """
    url = os.environ.get("RABBITMQ_MANAGEMENT_URL") or None
    return Management(container().settings.rabbitmq_url, url).live()


def faults_on_broker(service: str, live: LiveBroker) -> list[str]:
    """Return how the broker differs from the contracts: one sentence each."""
    topology = topology_of(service, project().service.subscribed)
    return [
        *faults_of(topology, live),
        *strangers_of(service, topology, live),
        *unpublished(service, list(project().service.published.values()), live),
    ]


def _show(role: str, advice: Advice) -> None:
    click.echo(f"{role} {advice.wire_type}")
    for pattern, meaning in advice.patterns:
        click.echo(f"    {pattern:<46} {meaning}")
    for warning in advice.warnings:
        click.echo(f"    warning: {warning}")
