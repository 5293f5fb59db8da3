"""The command line: `carafe`, or `python -m carafe`."""

import sys

import click

from carafe.infrastructure.errors import InfrastructureError
from carafe.infrastructure.settings import BadSettings

from . import INTERRUPTED
from .expected_error import ExpectedError
from .late_commands import LateCommands
from .platform.administration import AccessFailed
from .project import enter_project
from .remote.stage_option import WORDS

# The function of the platform has AccessFailed too, and nothing of this package.
EXPECTED = (AccessFailed, BadSettings, ExpectedError, InfrastructureError)

PLACES = {
    "bus": "bus.commands",
    "client": "client_build.command",
    "contracts": "contracts.commands",
    "cost": "cost.command",
    "database": "database",
    "demo": "service_commands",
    "deploy": "deployment.commands",
    "diagrams": "diagrams.command",
    "discover": "discovery.command",
    "new": "new.command",
    "outbox": "outbox",
    "package": "deployment.commands",
    "page": "pages.command",
    "parked": "parked.commands",
    "platform": "platform.command",
    "preflight": "deployment.commands",
    "processes": "processes.commands",
    "progress": "progress",
    "rehearse": "rehearse.commands",
    "scaffold": "scaffold.command",
    "timers": "timers.commands",
    "token": "service_commands",
    "up": "service_commands",
    "upgrade": "upgrade.command",
    "verify": "verify.command",
}
"""The modules of the commands. All of them together take a second to import."""

# Commands that need no service.
ANYWHERE = {"new", "page", "platform"}


class OneLineErrors(click.Group):
    """A group whose commands end with a clear message and exit code 1, without a traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            from .advice import advice_for  # noqa: PLC0415 - it knows the servers

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


@click.group(
    cls=OneLineErrors,
    commands=LateCommands(PLACES),
    context_settings={"help_option_names": ["-h", "--help"]},
)
def main() -> None:
    """Tools for a Carafe service, from the first event to production."""
