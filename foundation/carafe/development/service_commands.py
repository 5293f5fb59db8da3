"""The commands that start a service, and that call one that runs."""

import os

import click
from rich.console import Console

from .demo import demo_of
from .first_event import Place, require_shared_bus
from .project import container, project
from .servers.child import PARENT, end_with_parent
from .tokens import fetch_token
from .up import event_panel
from .up import up as start_everything


@click.command()
@click.option("--once", is_flag=True, envvar="ONCE", help="End after the first event.")
def up(*, once: bool) -> None:
    """Start MongoDB, RabbitMQ, SQS and the functions; cause a first event; serve.

    A server whose address is in the environment or in .env (MONGO_URI, RABBITMQ_URL,
    AWS_ENDPOINT_URL, TOKEN_ISSUER) is used, not started. The addresses of the servers
    that are started are written to .env. Ctrl-C stops them all, with exit code 130.

    \b
    Example:
        carafe up --once
    """
    end_with_parent(os.environ.pop(PARENT, ""))
    start_everything(once=once, console=Console(highlight=False))


@click.command()
@click.option("--port", type=int, help="The API's port; by default, the one in .env.")
def demo(port: int | None) -> None:
    """Send one more command to a running service, and show its event.

    \b
    Example:
        carafe demo
    """
    service = container()
    require_shared_bus(service.settings.event_bus_type)
    url = f"http://127.0.0.1:{port or service.settings.port}"
    first_event = demo_of(project()).cause_first_event(
        Place.of(url, service.settings), service.bus, click.echo
    )
    if first_event is not None:
        Console(highlight=False).print(event_panel(first_event))


@click.command()
@click.option("--subject", required=True, help="The token's subject: a person's name.")
@click.option(
    "--scope", help="The token's scopes, space-separated; by default those of the demo's caller."
)
def token(subject: str, scope: str | None) -> None:
    """Print an access token of the local issuer, valid for eight hours.

    chalicelib/contracts/scopes.py lists the scopes; --scope "" grants none of them.

    \b
    Example:
        curl -H "Authorization: Bearer $(carafe token --subject maria)" URL
    """
    settings = container().settings
    scopes = demo_of(project()).usual_scopes if scope is None else scope
    known = project().service.scopes
    if unknown := set(scopes.split()) - set(known):
        note = f"note: {settings.service_name} has no scope {', '.join(sorted(unknown))}"
        click.echo(f"{note}; it has {', '.join(sorted(known))}", err=True)
    click.echo(
        fetch_token(settings.token_issuer, settings.token_audience.split()[0], subject, scopes)
    )
