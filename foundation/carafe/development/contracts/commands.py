"""`carafe contracts`: events and commands, held against the last release."""

from pathlib import Path

import click

from carafe.contracts.base import Command
from carafe.development.project import project

from .snapshot import Snapshot, additions, breaking_changes, read, snapshot_of, write

RELEASED = Path("chalicelib/contracts/released.json")
"""Within the service's folder; it is not deployed."""


@click.group()
def contracts() -> None:
    """Events and commands, held against the ones that others already rely on."""


@contracts.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Fail on a change that would break consumers of events or senders of commands.

    \b
    Example:
        carafe contracts check
    """
    released, present = read(RELEASED), present_contracts()
    if released is None:
        click.echo("Nothing was released yet: `carafe contracts release` does it.")
        return
    for addition in additions(released, present):
        click.echo(f"new    {addition}")
    broken = breaking_changes(released, present)
    for change in broken:
        click.echo(f"break  {change}")
    if broken:
        click.echo("Publish a new version beside the old one, or take the change back.")
        context.exit(1)
    click.echo("Nobody who relies on the released contracts is broken.")


@contracts.command()
@click.option("--allow-breaking", is_flag=True, help="Though somebody may stumble over it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be released.")
def release(*, allow_breaking: bool, dry_run: bool) -> None:
    """Make the present contracts the ones that later changes are held against.

    \b
    Example:
        carafe contracts release
    """
    released, present = read(RELEASED), present_contracts()
    broken = breaking_changes(released, present) if released else []
    if broken and not allow_breaking:
        raise click.ClickException(
            "that would break who relies on the last release:\n  "
            + "\n  ".join(broken)
            + "\nWith --allow-breaking it is done all the same."
        )
    if not dry_run:
        write(RELEASED, present)
    verb = "would be released" if dry_run else "are released"
    click.echo(f"{len(present['events'])} events and {len(present['commands'])} commands {verb}.")


def present_contracts() -> Snapshot:
    """Return the contracts as the code has them."""
    found = vars(project().module("chalicelib.contracts.commands")).values()
    taken = [each for each in found if isinstance(each, type) and issubclass(each, Command)]
    return snapshot_of(
        list(project().service.published.values()), [each for each in taken if each is not Command]
    )
