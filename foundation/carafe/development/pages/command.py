"""The command `page`."""

from pathlib import Path

import click

from carafe.development.phases import Phase, PhaseParameter

FOLDER = Path(__file__).parent


@click.command()
@click.argument("phase", type=PhaseParameter())
def page(phase: Phase) -> None:
    """Print what a phase is about: by hand, with commands, and when it is done.

    \b
    Example:
        carafe page 02
    """
    click.echo(page_of(phase).read_text(encoding="utf-8"), nl=False)


def page_of(phase: Phase) -> Path:
    """Return the file of a phase's page."""
    (file,) = FOLDER.glob(f"{phase.number}-*.md")
    return file
