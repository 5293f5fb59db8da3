"""The command `contracts`."""

from pathlib import Path

import click

from carafe.contracts.base import Command
from carafe.contracts.received_commands import received_commands
from carafe.development.project import project

from .snapshot import Snapshot, additions, breaking_changes, read, snapshot_of, write

RELEASED = Path("chalicelib/contracts/released.json")
"""In the service's folder; it is not deployed."""


@click.group()
def contracts() -> None:
    """Compare events and commands with those that other services already rely on."""


@contracts.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Fail if a change would break consumers of events or senders of commands.

    \b
    Example:
        carafe contracts check
    """
    released, present = read(RELEASED), present_contracts()
    if released is None:
        click.echo("Nothing has been released yet: run `carafe contracts release`.")
        return
    for addition in additions(released, present):
        click.echo(f"new    {addition}")
    breaks = breaking_changes(released, present)
    for change in breaks:
        click.echo(f"break  {change}")
    if breaks:
        click.echo("Publish a new version beside the old one, or undo the change.")
        context.exit(1)
    click.echo("The contracts are compatible with the released ones.")


@contracts.command()
@click.option("--allow-breaking", is_flag=True, help="Release changes that break others.")
@click.option("--dry-run", is_flag=True, help="Release nothing; show what would be released.")
def release(*, allow_breaking: bool, dry_run: bool) -> None:
    """Release the present contracts: later changes are compared with them.

    \b
    Example:
        carafe contracts release
    """
    released, present = read(RELEASED), present_contracts()
    breaks = breaking_changes(released, present) if released else []
    if breaks and not allow_breaking:
        raise click.ClickException(
            "this would break users of the last release:\n  "
            + "\n  ".join(breaks)
            + "\nUse --allow-breaking to release it anyway."
        )
    if not dry_run:
        write(RELEASED, present)
    verb = "would be released" if dry_run else "are released"
    counts = [
        f"{len(present[part])} {part.replace('_', ' ')}" for part in present if part != "schemas"
    ]
    click.echo(f"{', '.join(counts)} {verb}.")


def present_contracts() -> Snapshot:
    """Return the contracts that the code has now."""
    values = vars(project().module("chalicelib.contracts.commands")).values()
    classes = [each for each in values if isinstance(each, type) and issubclass(each, Command)]
    commands = [each for each in classes if each is not Command]
    service = project().service
    return snapshot_of(
        list(service.published.values()),
        commands,
        service.outgoing,
        received_commands(service.subscribed),
    )
