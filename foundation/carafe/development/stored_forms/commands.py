"""The commands `database check` and `database release`, and what other checks take from them."""

from collections.abc import Iterable, Iterator

import click
from msgspec import Struct

from carafe.development.contracts.snapshot import read, write
from carafe.development.project import Project, ServiceBroken, project
from carafe.infrastructure.database.mongo.documents import fault_of_upcasters
from carafe.infrastructure.references import resolve

from .comparison import changes_between
from .snapshot import Snapshot, snapshot_of

RELEASED = "chalicelib/infrastructure/released_forms.json"
"""In the service's folder; it is not deployed."""


class FormChanges(Struct, frozen=True):
    """What differs from the released forms, one sentence for each.

    Attributes:
        breaks: what makes stored documents unreadable, and upcasters that are missing.
        remarks: what is new, and what to observe while it is deployed.
    """

    breaks: list[str]
    remarks: list[str]


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Fail if the code could not read or save documents of the released form.

    It needs no database; `plan` asks the live one as well.

    \b
    Example:
        carafe database check
    """
    changes = form_changes(project())
    if changes.breaks:
        show_breaks(changes.breaks)
        context.exit(1)
    if read(project().root / RELEASED) is None:
        click.echo("Nothing has been released yet: run `carafe database release`.")
        return
    for remark in changes.remarks:
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
    breaks = form_changes(project()).breaks
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


def show_breaks(breaks: Iterable[str]) -> None:
    """Print what stored documents cannot bear, and what to do."""
    for each in breaks:
        click.echo(f"break  {each}")
    click.echo("Undo the change, or follow `carafe page stored-forms`.")


def form_changes(checked: Project) -> FormChanges:
    """Compare the present stored forms with the released ones.

    Raises:
        ServiceBroken: an aggregate cannot be stored, or a repository cannot be loaded.
    """
    released = read(checked.root / RELEASED) or {}
    changes = list(changes_between(released, present_forms(checked)))
    breaks = [str(each) for each in changes if each.is_breaking]
    return FormChanges(
        breaks=[*breaks, *_upcaster_faults(checked)],
        remarks=[str(each) for each in changes if not each.is_breaking],
    )


def present_forms(checked: Project) -> Snapshot:
    """Return the stored forms that the code has now.

    Raises:
        ServiceBroken: an aggregate cannot be stored.
    """
    try:
        return snapshot_of(checked.service.repositories)
    except TypeError as error:
        raise ServiceBroken(f"an aggregate cannot be stored: {error}") from error


def _upcaster_faults(checked: Project) -> Iterator[str]:
    checked.require_references()
    for aggregate, reference in checked.service.repositories.items():
        fault = fault_of_upcasters(aggregate, resolve(reference).upcasters)
        if fault is not None:
            yield f"{fault}: complete `upcasters` of its repository"
