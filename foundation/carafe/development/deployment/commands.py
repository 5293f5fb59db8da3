"""`carafe package` and `carafe rehearse`: towards AWS, without an account."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from carafe.development.project import CallerPath, project

from .package import Package, make
from .preflight import ask
from .stages import read_stage

MEGABYTE = 1_000_000


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
@click.option(
    "--into",
    type=CallerPath(file_okay=False),
    help="Where to; by default build/STAGE.",
)
def package(stage: str, into: Path | None) -> None:
    """Make the template and the code that a stage's deployment takes.

    Checked before anything is written: permissions, settings, visibility, partial batches,
    size. `carafe page operations` tells how to deploy the result.

    \b
    Example:
        carafe package --stage prod
    """
    console = Console(highlight=False)
    here = project()
    made = make(here, stage, into or here.root / "build" / stage, console.print)
    console.print(_summary(made))
    console.print(f"{made.folder}: sam.json, deployment.zip")


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
def preflight(stage: str) -> None:
    """Ask the AWS account of your terminal whether it will take a stage; change nothing.

    \b
    Example:
        carafe preflight --stage prod
    """
    here = project()
    account = ask(here.app, read_stage(stage, here))
    click.echo(f"account {account} takes the stack {here.app.app_name}-{stage}")


def _summary(made: Package) -> Table:
    table = Table(show_header=False, box=None)
    for name, what in made.functions.items():
        table.add_row(name, what)
    size = f"{made.code_bytes / MEGABYTE:.2f} MB"
    table.add_row("code", f"{size}, of which source {made.source_bytes / MEGABYTE:.2f} MB")
    return table
