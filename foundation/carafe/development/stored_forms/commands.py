"""The commands `database check` and `database release`, and what other checks take from them."""

from collections.abc import Iterable, Iterator
from typing import Any

import click
from msgspec import Struct

from carafe.development.contracts.snapshot import read, write
from carafe.development.project import Project, ServiceBroken, project
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.steps import fault_of_downcasters, fault_of_upcasters
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
        breaks=[*breaks, *_faults_of_steps(checked)],
        remarks=[str(each) for each in changes if not each.is_breaking],
    )


def present_forms(checked: Project) -> Snapshot:
    """Return the stored forms that the code has now.

    Raises:
        ServiceBroken: an aggregate cannot be stored, or a repository cannot be loaded.
    """
    repositories = _repositories(checked)
    written_earlier = [each for each in repositories if repositories[each].downcasters]
    try:
        return snapshot_of(repositories, written_earlier)
    except TypeError as error:
        raise ServiceBroken(f"an aggregate cannot be stored: {error}") from error


def _faults_of_steps(checked: Project) -> Iterator[str]:
    for aggregate, repository in _repositories(checked).items():
        if fault := fault_of_upcasters(aggregate, repository.upcasters):
            yield f"{fault}: complete `upcasters` of its repository"
        if fault := fault_of_downcasters(aggregate, repository.downcasters):
            yield f"{fault}: correct `downcasters` of its repository, or remove it"


def _repositories(checked: Project) -> dict[type[AggregateRoot], type[MongoRepository[Any]]]:
    checked.require_references()
    return {each: resolve(name) for each, name in checked.service.repositories.items()}
