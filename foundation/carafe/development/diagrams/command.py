"""The command `diagrams`."""

from pathlib import Path

import click

from . import api, behaviors, contracts, cqrs, domain, events, infrastructure
from .documents import Document, Stale, stale, write
from .wiring import service

FOLDER = Path("diagrams")
STALE = 1

# Of a difference, so many lines are shown.
MOST_LINES = 12


def all_documents() -> list[Document]:
    """Return every document of the folder, as the code would have it."""
    wired = service()
    return [
        domain.document(),
        events.document(),
        behaviors.document(),
        contracts.document(wired),
        cqrs.document(wired),
        api.document(wired),
        infrastructure.document(wired),
    ]


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if a file is stale.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be written.")
@click.pass_context
def diagrams(context: click.Context, *, check: bool, dry_run: bool) -> None:
    """Draw the service from its code into the folder `diagrams`.

    \b
    Example:
        carafe diagrams
        carafe diagrams --check
    """
    drawn = all_documents()
    files = stale(drawn, FOLDER)
    if not check and not dry_run:
        write(files)
    for each in files:
        click.echo(_told(each, check=check, dry_run=dry_run))
        if check or dry_run:
            _show(each)
    if not files:
        count = "the one file is" if len(drawn) == 1 else f"all {len(drawn)} files are"
        click.echo(f"{FOLDER}: {count} what the code says.")
    elif check:
        click.echo("Run `carafe diagrams`, and look at what changed.")
        context.exit(STALE)


def _told(file: Stale, *, check: bool, dry_run: bool) -> str:
    state = "stale" if check else "would write" if dry_run else "wrote"
    return f"{state}  {file.path}"


def _show(file: Stale) -> None:
    for line in file.diff[2 : MOST_LINES + 2]:
        click.echo(f"    {line}")
    left = len(file.diff) - 2 - MOST_LINES
    if left > 0:
        click.echo(f"    … {left} more lines")
