"""`workflow package` and `workflow rehearse`: towards AWS, without an account."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from .package import Package, make
from .stages import PROJECT

MEGABYTE = 1_000_000


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to; by default build/STAGE.",
)
def package(stage: str, into: Path | None) -> None:
    """Make the template and the code that a stage's deployment takes.

    Checked before anything is written: permissions, settings, visibility, partial batches,
    size. docs/operations.md tells how to deploy the result.

    \b
    Example:
        python -m workflow package --stage prod
    """
    console = Console(highlight=False)
    made = make(stage, into or PROJECT / "build" / stage, console.print)
    console.print(_summary(made))
    console.print(f"{made.folder}: sam.json, deployment.zip")


def _summary(made: Package) -> Table:
    table = Table(show_header=False, box=None)
    for name, what in made.functions.items():
        table.add_row(name, what)
    size = f"{made.code_bytes / MEGABYTE:.2f} MB"
    table.add_row("code", f"{size}, of which source {made.source_bytes / MEGABYTE:.2f} MB")
    return table
