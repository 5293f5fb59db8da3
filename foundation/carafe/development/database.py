"""`carafe database`: compares and migrates validators, indexes and documents."""

from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from carafe.development.project import container, project
from carafe.development.stored_forms.commands import (
    check,
    form_changes,
    release,
    show_breaks,
)
from carafe.development.stored_forms.live import earlier_documents
from carafe.infrastructure.database.mongo.faults import store_faults
from carafe.infrastructure.database.mongo.migration import BATCH, Migrated, migrate, outdated
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import Change
from carafe.infrastructure.database.mongo.schema_sync import apply as apply_changes

UNREADABLE = 1
DRIFT = 2


@click.group()
def database() -> None:
    """Compare what is stored with what the domain declares, and change the live database."""


database.add_command(check)
database.add_command(release)


@database.command()
@click.option("--diff", is_flag=True, help="Show each difference line by line.")
@click.pass_context
def plan(context: click.Context, *, diff: bool) -> None:
    """Show the differences, and change nothing. Exit code 2 if there are any.

    Exit code 1 if the code does not pass `carafe database check`, or there are documents of a
    version that it cannot read.

    \b
    Example:
        carafe database plan --diff
    """
    if breaks := form_changes(project()).breaks:
        show_breaks(breaks)
        context.exit(UNREADABLE)
    changes = container().database_plan()
    show(changes, diff=diff)
    documents = list(earlier_documents(container()))
    for each in documents:
        click.echo(each if each.is_readable else f"break  {each}")
    if not all(each.is_readable for each in documents):
        context.exit(UNREADABLE)
    context.exit(DRIFT if changes else 0)


@database.command()
@click.option(
    "--allow-drop",
    is_flag=True,
    help="Also replace and drop indexes, and undo what newer code made.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
def apply(*, allow_drop: bool, dry_run: bool) -> None:
    """Create validators and indexes as declared. Documents are never changed.

    \b
    Example:
        carafe database apply
    """
    changes = container().database_plan()
    if dry_run:
        show(changes, diff=False)
        return
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), transient=True) as progress:
        for change in changes:
            progress.add_task(str(change), total=None)
            if not apply_changes([change], allow_drop=allow_drop):
                click.echo(f"done  {change}")
    skipped = [each for each in changes if each.drops and not allow_drop]
    for change in skipped:
        click.echo(f"left  {change} (needs --allow-drop)")
    if not changes:
        click.echo("Nothing differs.")


@database.command("migrate")
@click.option("--dry-run", is_flag=True, help="Only count the documents of an earlier form.")
@click.pass_context
def migrate_documents(context: click.Context, *, dry_run: bool) -> None:
    """Migrate old documents to the present form while the service runs.

    The command may be interrupted and started again at any time. Exit code 1 if the code does not
    pass `carafe database check`.

    \b
    Example:
        carafe database migrate --dry-run
    """
    if breaks := form_changes(project()).breaks:
        show_breaks(breaks)
        context.exit(UNREADABLE)
    for repository in container().repositories:
        name = repository.collection.name
        if dry_run:
            click.echo(f"{name}: {outdated(repository)} documents of an earlier form")
            continue
        batches = list(_migrate(repository))
        done = sum(each.done for each in batches)
        click.echo(f"{name}: {done} documents migrated to the present form")
        if left := sum(each.found for each in batches) - done:
            click.echo(f"{name}: {left} others were saved meanwhile, or are damaged as logged")


def _migrate(repository: MongoRepository[Any]) -> Iterator[Migrated]:
    """Migrate a collection, and show how far it is."""
    with store_faults():
        total = repository.collection.estimated_document_count()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(repository.collection.name, total=total)
        for batch in migrate(repository):
            yield batch
            progress.advance(task, BATCH)


def show(changes: list[Change], *, diff: bool) -> None:
    """Print a plan."""
    for change in changes:
        click.echo(f"{change}{' (needs --allow-drop)' if change.drops else ''}")
        if diff:
            for line in change.detail:
                click.echo(f"    {line}")
    if not changes:
        click.echo("Nothing differs.")
