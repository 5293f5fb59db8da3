"""The command line: `carafe`, or `python -m carafe`."""

import os
import sys

import click
from rich.console import Console

from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.settings import BadSettings

from . import INTERRUPTED
from .advice import advice_for
from .broker.management import ManagementUnavailable
from .bus.broker import NoBroker
from .bus.commands import bus
from .bus.publishing import NotPublished
from .client_build.command import client
from .client_build.errors import ClientNotBuilt
from .contracts.commands import contracts
from .cost.command import cost
from .database import database
from .demo import demo_of
from .deployment.commands import deploy, package, preflight
from .deployment.errors import DeploymentError
from .diagrams.command import diagrams
from .discovery.command import discover
from .discovery.reading import NoModel
from .discovery.service_context import NoService
from .discovery.source import BadModel
from .first_event import DemoFailed, Place, require_shared_bus
from .new.command import ServiceNotCreated, new
from .outbox import outbox
from .pages.command import page
from .parked.commands import parked
from .platform.administration import AccessFailed
from .platform.command import PlatformTooLarge, PlatformUnsafe, platform
from .processes.commands import processes
from .progress import NoSteps, progress
from .project import NoProject, ServiceBroken, container, enter_project, project
from .rehearse.commands import rehearse
from .rehearse.errors import RehearsalFailed
from .remote.stage_option import WORDS, add_stage_option
from .scaffold.command import CannotScaffold, scaffold
from .scaffold.pictures import NotDrawn
from .servers.child import PARENT, end_with_parent
from .servers.errors import LocalServerError
from .timers.commands import timers
from .tokens import TokenNotIssued, fetch_token
from .up import event_panel
from .up import up as start_everything
from .upgrade.command import upgrade
from .upgrade.errors import UpgradeFailed
from .verify.command import verify
from .wheel import WheelNotBuilt

EXPECTED = (
    AccessFailed,
    BadModel,
    ServiceNotCreated,
    CannotScaffold,
    NoModel,
    NoService,
    LocalServerError,
    BadSettings,
    DemoFailed,
    DeploymentError,
    InfrastructureError,
    ManagementUnavailable,
    NoBroker,
    NotPublished,
    ClientNotBuilt,
    NoProject,
    NoSteps,
    RehearsalFailed,
    ServiceBroken,
    NotDrawn,
    PlatformTooLarge,
    PlatformUnsafe,
    TokenNotIssued,
    UpgradeFailed,
    WheelNotBuilt,
)


# Commands that need no service.
ANYWHERE = {"new", "page", "platform"}


class OneLineErrors(click.Group):
    """A group whose commands end with a clear message and exit code 1, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            click.echo(f"error: {error}{advice_for(error)}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name, and enter the folder of its service."""
        ctx.meta[WORDS] = list(args)
        name, command, rest = super().resolve_command(ctx, args)
        is_help = any(each in rest for each in ctx.help_option_names)
        if not (ctx.resilient_parsing or is_help or name in ANYWHERE):
            enter_project()
        return name, command, rest


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools for a Carafe service, from the first event to production."""


@main.command()
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


add_stage_option()
main.add_command(new)
main.add_command(database)
main.add_command(bus)
main.add_command(client)
main.add_command(contracts)
main.add_command(cost)
main.add_command(outbox)
main.add_command(parked)
main.add_command(processes)
main.add_command(timers)
main.add_command(diagrams)
main.add_command(verify)
main.add_command(progress)
main.add_command(page)
main.add_command(package)
main.add_command(platform)
main.add_command(preflight)
main.add_command(deploy)
main.add_command(rehearse)
main.add_command(discover)
main.add_command(scaffold)
main.add_command(upgrade)


@main.command()
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


@main.command()
@click.option("--subject", required=True, help="The token's subject: a person's name.")
@click.option(
    "--scope", help="The token's scopes, space-separated; by default those of the demo's caller."
)
def token(subject: str, scope: str | None) -> None:
    """Print an access token of the local issuer, valid for eight hours.

    chalicelib/contracts/scopes.py lists the scopes.

    \b
    Example:
        curl -H "Authorization: Bearer $(carafe token --subject maria)" URL
    """
    settings = container().settings
    scopes = demo_of(project()).usual_scopes if scope is None else scope
    click.echo(
        fetch_token(settings.token_issuer, settings.token_audience.split()[0], subject, scopes)
    )
