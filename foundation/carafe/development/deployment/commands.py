"""`carafe package`, `carafe preflight` and `carafe deploy`."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from carafe.development.project import CallerPath, project

from .deploy import Deployment, Options
from .package import Package, build_package
from .parameters import given_parameters
from .preflight import check_account
from .stages import read_stage

MEGABYTE = 1_000_000


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
@click.option(
    "--into",
    type=CallerPath(file_okay=False),
    help="The output folder; by default build/STAGE.",
)
def package(stage: str, into: Path | None) -> None:
    """Make the template and the code for a stage's deployment.

    Permissions, settings, visibility timeouts, partial batches and size are checked before
    anything is written. `carafe page operations` explains how to deploy the result.

    \b
    Example:
        carafe package --stage prod
    """
    console = Console(highlight=False)
    current_project = project()
    folder = into or current_project.root / "build" / stage
    built = build_package(current_project, stage, folder, console.print)
    console.print(_summary(built))
    console.print(f"{built.folder}: sam.json, deployment.zip, operations.zip, deployer.json")


_parameter = click.option(
    "--parameter",
    "words",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of the template, beside those in .chalice/parameters/STAGE.json; may be repeated.",
)


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
@_parameter
def preflight(stage: str, words: tuple[str, ...]) -> None:
    """Check whether the AWS account of your terminal can take a stage; change nothing.

    \b
    Example:
        carafe preflight --stage prod
    """
    current_project = project()
    app = current_project.app
    read = read_stage(stage, current_project)
    account = check_account(app, read, given_parameters(current_project.root, stage, words))
    for note in account.notes:
        click.echo(f"note: {note}")
    click.echo(f"account {account.number} takes the stack {app.app_name}-{stage}")


@click.command()
@click.argument("stage")
@_parameter
@click.option("--bucket", help="For code and template; by default carafe-ACCOUNT-REGION.")
@click.option(
    "--package",
    "folder",
    type=CallerPath(file_okay=False),
    help="Of `carafe package --into`; by default a new one is made.",
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option(
    "--allow-replacement",
    is_flag=True,
    help="Also replace or remove queues, secrets and brokers, with what is in them.",
)
@click.option("--dry-run", is_flag=True, help="Upload, show what would change, and change nothing.")
@click.pass_context
def deploy(  # noqa: PLR0913 - each is an option
    context: click.Context,
    stage: str,
    words: tuple[str, ...],
    bucket: str | None,
    folder: Path | None,
    *,
    yes: bool,
    allow_replacement: bool,
    dry_run: bool,
) -> None:
    """Deploy a stage to the AWS account of your terminal.

    Checks the account, packages, uploads, shows what will change and asks; then changes the
    stack, prepares database and broker from inside its network, connects the inbox, and asks the
    API whether it is ready. Whatever fails, the same command goes on from there.

    \b
    Example:
        carafe deploy dev --parameter VpcId=vpc-1 --parameter SubnetIds=subnet-1,subnet-2
    """
    current_project = project()
    options = Options(
        given_parameters(current_project.root, stage, words),
        bucket,
        is_confirmed=yes,
        may_replace=allow_replacement,
        only_shows=dry_run,
        package=folder,
    )
    console = Console(highlight=False)
    if Deployment(current_project, stage, options, console, click.confirm).run():
        console.print(f"{stage} is deployed")
    else:
        console.print("nothing was changed")
        context.exit(0 if dry_run else 1)


def _summary(built: Package) -> Table:
    table = Table(show_header=False, box=None)
    for name, description in built.functions.items():
        table.add_row(name, description)
    size = f"{built.code_bytes / MEGABYTE:.2f} MB"
    table.add_row("code", f"{size}, of which source {built.source_bytes / MEGABYTE:.2f} MB")
    return table
