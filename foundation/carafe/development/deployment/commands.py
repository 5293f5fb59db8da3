"""`carafe package` and `carafe preflight`: the steps before a deployment."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from carafe.development.project import CallerPath, project

from .package import Package, build_package
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
    console.print(f"{built.folder}: sam.json, deployment.zip")


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
def preflight(stage: str) -> None:
    """Check whether the AWS account of your terminal can take a stage; change nothing.

    \b
    Example:
        carafe preflight --stage prod
    """
    current_project = project()
    app = current_project.app
    account = check_account(app, read_stage(stage, current_project))
    click.echo(f"account {account} takes the stack {app.app_name}-{stage}")


def _summary(built: Package) -> Table:
    table = Table(show_header=False, box=None)
    for name, description in built.functions.items():
        table.add_row(name, description)
    size = f"{built.code_bytes / MEGABYTE:.2f} MB"
    table.add_row("code", f"{size}, of which source {built.source_bytes / MEGABYTE:.2f} MB")
    return table
