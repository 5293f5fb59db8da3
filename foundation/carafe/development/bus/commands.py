"""`carafe bus`: declares, checks and explains the exchanges, queues and bindings."""

import os

import click

from carafe.contracts.received_commands import received_commands
from carafe.development.broker.advice import Advice, advise_on
from carafe.development.broker.check import (
    Outbound,
    bindings_without_message,
    faults_of,
    messages_without_queue,
    unhandled_bindings,
)
from carafe.development.broker.management import LiveBroker, Management
from carafe.development.discovery.names import snake
from carafe.development.project import container, project

from .access import grant, rotate
from .broker import broker_service
from .topology import topology_on_broker
from .traffic import publish, watch


@click.group()
def bus() -> None:
    """Exchanges, queues and bindings, as the contracts require them."""


@bus.command()
@click.option("--dry-run", is_flag=True, help="Only show what must exist.")
def declare(*, dry_run: bool) -> None:
    """Create what is missing on the broker. What exists stays, with its messages.

    \b
    Example:
        carafe bus declare --dry-run
    """
    service = broker_service()
    topology = topology_on_broker(service)
    if not dry_run:
        container().prepare_bus()
    for exchange in topology.exchanges:
        owner = "" if exchange.owned else "  (another service's; created only if missing)"
        click.echo(f"exchange  {exchange.name}  {exchange.kind}{owner}")
    for queue in topology.queues:
        click.echo(f"queue     {queue.name}")
    for binding in topology.bindings:
        click.echo(f"binding   {binding.exchange} --{binding.routing_key}--> {binding.queue}")
    click.echo("Nothing was created." if dry_run else "All of these exist.")


@bus.command()
@click.option(
    "--allow-unconsumed", is_flag=True, help="Accept events and commands without a queue."
)
@click.pass_context
def check(context: click.Context, *, allow_unconsumed: bool) -> None:
    """Compare the live broker with the contracts. Exit code 1 if it differs.

    RabbitMQ's management API is read at RABBITMQ_MANAGEMENT_URL; by default that is port 15672
    for amqp, and port 443 for amqps.

    \b
    Example:
        carafe bus check --allow-unconsumed
    """
    service = broker_service()
    live = live_broker()
    faults = faults_on_broker(service, live)
    ignored = messages_without_queue(outbound_of(service), live)
    for fault in faults if allow_unconsumed else [*faults, *ignored]:
        click.echo(f"fault  {fault}")
    if allow_unconsumed:
        for each in ignored:
            click.echo(f"note   {each}")
    if faults or (ignored and not allow_unconsumed):
        click.echo("`carafe bus declare` creates what is missing; it changes nothing that exists.")
        context.exit(1)
    click.echo("The broker matches the contracts.")


@bus.command()
def advise() -> None:
    """Explain the routing keys of events and commands, and warn of unconventional ones.

    \b
    Example:
        carafe bus advise
    """
    click.echo(
        "A routing key is context.aggregate.event. The type in the envelope adds the version, so\n"
        "that the consumers of an event also receive its next version. Of a command it is\n"
        "context.aggregate.command, with the context that receives it.\n"
    )
    declared = project().service
    aggregates = [snake(each.__name__) for each in declared.repositories]
    for event in declared.published.values():
        _show("publishes", advise_on(event, declared.name, aggregates))
    for command in declared.outgoing:
        _show("sends", advise_on(command, None, ()))
    commands = received_commands(declared.subscribed)
    for event in declared.subscribed:
        if event not in commands:
            _show("consumes", advise_on(event, None, ()))
    for received in commands:
        _show("receives", advise_on(received, declared.name, aggregates))


def live_broker() -> LiveBroker:
    """Return what exists on the broker.

    Raises:
        ManagementUnavailable: its management API does not answer.
    """
    url = os.environ.get("RABBITMQ_MANAGEMENT_URL") or None
    return Management(container().settings.rabbitmq_url, url).live()


def faults_on_broker(service: str, live: LiveBroker) -> list[str]:
    """Return how the broker differs from the contracts: one sentence each."""
    topology = topology_on_broker(service)
    return [
        *faults_of(topology, live),
        *unhandled_bindings(service, topology, live),
        *bindings_without_message(outbound_of(service), live),
    ]


def outbound_of(service: str) -> Outbound:
    """Return what the service publishes under a name."""
    declared = project().service
    return Outbound(service, declared.published_as(service), declared.outgoing)


def _show(role: str, advice: Advice) -> None:
    click.echo(f"{role} {advice.wire_type}")
    for pattern, meaning in advice.patterns:
        click.echo(f"    {pattern:<46} {meaning}")
    for warning in advice.warnings:
        click.echo(f"    warning: {warning}")


bus.add_command(grant)
bus.add_command(rotate)
bus.add_command(watch)
bus.add_command(publish)
