"""The commands `database check` and `database release`, and what other checks take from them."""

from collections.abc import Iterator

import click

from carafe.development.contracts.snapshot import read, write
from carafe.development.project import Project, ServiceBroken, project
from carafe.infrastructure.database.mongo.documents import fault_of_upcasters
from carafe.infrastructure.references import resolve

from .comparison import Change, changes_between
from .snapshot import Snapshot, snapshot_of

RELEASED = "chalicelib/infrastructure/released_forms.json"
"""In the service's folder; it is not deployed."""


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Fail if the code could not read or save documents of the released form.

    It needs no database; `plan` asks the live one as well.

    \b
    Example:
        carafe database check
    """
    if show_breaks(project()):
        context.exit(1)
    if read(project().root / RELEASED) is None:
        click.echo("Nothing has been released yet: run `carafe database release`.")
        return
    for remark in remarks_on_forms(project()):
        click.echo(f"new    {remark}")
    click.echo("The code can read all documents of the released forms.")


@click.command()
@click.option("--allow-breaking", is_flag=True, help="Release what cannot read old documents.")
@click.option("--dry-run", is_flag=True, help="Release nothing; show what would be released.")
def release(*, allow_breaking: bool, dry_run: bool) -> None:
    """Release the present stored forms: later changes are compared with them.

    Commit the file that it writes when the code is deployed.

    \b
    Example:
        carafe database release
    """
    breaks = breaking_form_changes(project())
    if breaks and not allow_breaking:
        raise click.ClickException(
            "documents of the last release would be unreadable:\n  "
            + "\n  ".join(breaks)
            + "\nUse --allow-breaking to release it anyway."
        )
    forms = present_forms(project())
    if not dry_run:
        write(project().root / RELEASED, forms)
    verb = "would be released" if dry_run else "are released"
    click.echo(f"The stored forms of {len(forms)} aggregates {verb}.")


def show_breaks(checked: Project) -> bool:
    """Print what stored documents cannot bear, and what to do; return whether there is any."""
    breaks = breaking_form_changes(checked)
    for each in breaks:
        click.echo(f"break  {each}")
    if breaks:
        click.echo("Undo the change, or follow `carafe page stored-forms`.")
    return bool(breaks)


def breaking_form_changes(checked: Project) -> list[str]:
    """Return the changes that make stored documents unreadable, and upcasters that are missing.

    Raises:
        ServiceBroken: an aggregate cannot be stored, or a repository cannot be loaded.
    """
    changes = [str(each) for each in _changes(checked) if each.is_breaking]
    return [*changes, *_upcaster_faults(checked)]


def remarks_on_forms(checked: Project) -> list[str]:
    """Return the other changes: what is new, and what to observe while it is deployed."""
    return [str(each) for each in _changes(checked) if not each.is_breaking]


def present_forms(checked: Project) -> Snapshot:
    """Return the stored forms that the code has now.

    Raises:
        ServiceBroken: an aggregate cannot be stored.
    """
    try:
        return snapshot_of(checked.service.repositories)
    except TypeError as error:
        raise ServiceBroken(f"an aggregate cannot be stored: {error}") from error


def _changes(checked: Project) -> Iterator[Change]:
    released = read(checked.root / RELEASED) or {}
    return changes_between(released, present_forms(checked))


def _upcaster_faults(checked: Project) -> Iterator[str]:
    checked.require_references()
    for aggregate, reference in checked.service.repositories.items():
        fault = fault_of_upcasters(aggregate, resolve(reference).upcasters)
        if fault is not None:
            yield f"{fault}: complete `upcasters` of its repository"
