"""`carafe database`: compares and migrates validators, indexes and documents."""

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from carafe.development.project import container
from carafe.infrastructure.database.mongo.migration import migrate, outdated
from carafe.infrastructure.database.mongo.schema_sync import Change
from carafe.infrastructure.database.mongo.schema_sync import apply as apply_changes

DRIFT = 2


@click.group()
def database() -> None:
    """Compare the live database with what the domain declares, and change it."""


@database.command()
@click.option("--diff", is_flag=True, help="Show each difference line by line.")
@click.pass_context
def plan(context: click.Context, *, diff: bool) -> None:
    """Show the differences, and change nothing. Exit code 2 if there are any.

    \b
    Example:
        carafe database plan --diff
    """
    changes = container().database_plan()
    show(changes, diff=diff)
    context.exit(DRIFT if changes else 0)


@database.command()
@click.option("--allow-drop", is_flag=True, help="Also replace and drop indexes.")
@click.option("--dry-run", is_flag=True, help="The same as `plan`.")
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
def migrate_documents(*, dry_run: bool) -> None:
    """Migrate old documents to the present form while the service runs.

    The command may be interrupted and started again at any time.

    \b
    Example:
        carafe database migrate --dry-run
    """
    for repository in container().repositories:
        total = outdated(repository)
        name = repository.collection.name
        if dry_run or not total:
            click.echo(f"{name}: {total} documents of an earlier form")
            continue
        migrated = 0
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task(name, total=total)
            for batch in migrate(repository):
                migrated += batch.done
                progress.advance(task, batch.seen)
        click.echo(f"{name}: {migrated} documents migrated to the present form")


def show(changes: list[Change], *, diff: bool) -> None:
    """Print a plan."""
    for change in changes:
        click.echo(f"{change}{' (needs --allow-drop)' if change.drops else ''}")
        if diff:
            for line in change.detail:
                click.echo(f"    {line}")
    if not changes:
        click.echo("Nothing differs.")
