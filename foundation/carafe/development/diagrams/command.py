"""The command `diagrams`."""

from pathlib import Path

import click

from carafe.development.discovery.planned import DIAGRAMS as DRAWN_FROM_MODEL
from carafe.development.discovery.planned import is_planned

from . import api, behaviors, contracts, cqrs, domain, events, infrastructure
from .documents import Document, StaleFile, stale_files, write
from .processes import document as processes
from .wiring import service

FOLDER = Path("diagrams")
STALE = 1

# The most lines of a difference that are shown.
MOST_LINES = 12


def all_documents() -> list[Document]:
    """Return every document of the folder, drawn from the code.

    As long as the service is only planned, `carafe discover` draws some of them from the model.
    """
    wiring = service()
    documents = [
        domain.document(),
        events.document(),
        behaviors.document(wiring),
        contracts.document(wiring),
        cqrs.document(wiring),
        processes.document(),
        api.document(wiring),
        infrastructure.document(wiring),
    ]
    others = DRAWN_FROM_MODEL if is_planned() else ()
    return [each for each in documents if each.name not in others]


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 if a file is stale.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be written.")
@click.pass_context
def diagrams(context: click.Context, *, check: bool, dry_run: bool) -> None:
    """Draw the service from its code into the folder `diagrams`.

    Before the domain has code, what `carafe discover` drew of it from the model stays.

    \b
    Example:
        carafe diagrams
        carafe diagrams --check
    """
    documents = all_documents()
    files = stale_files(documents, FOLDER)
    if not check and not dry_run:
        write(files)
    for each in files:
        click.echo(_status_line(each, check=check, dry_run=dry_run))
        if check or dry_run:
            _print_diff(each)
    if not files:
        number = sum(bool(each.text) for each in documents)
        count = "the one file is" if number == 1 else f"all {number} files are"
        click.echo(f"{FOLDER}: {count} up to date.")
    elif check:
        click.echo("Run `carafe diagrams`, and review what changed.")
        context.exit(STALE)


def _status_line(file: StaleFile, *, check: bool, dry_run: bool) -> str:
    done, planned = ("wrote", "would write") if file.text else ("removed", "would remove")
    state = "stale" if check else planned if dry_run else done
    return f"{state}  {file.path}"


def _print_diff(file: StaleFile) -> None:
    for line in file.diff[2 : MOST_LINES + 2]:
        click.echo(f"    {line}")
    hidden = len(file.diff) - 2 - MOST_LINES
    if hidden > 0:
        click.echo(f"    … {hidden} more lines")
