"""`carafe client`: what other services install to use this one."""

from pathlib import Path

import click

from carafe.development.project import CallerPath, project

from .build import build_client


@click.group()
def client() -> None:
    """The service's client, as other services install it."""


@client.command()
@click.option("--into", type=CallerPath(file_okay=False), help="Where to; by default build/client.")
def build(into: Path | None) -> None:
    """Make a wheel of the contracts and the typed client, of the service's version.

    It needs no more than the foundation without its extras, and is imported by the service's
    name, so that a consumer may have a chalicelib of its own.

    \b
    Example:
        carafe client build
    """
    here = project()
    made = build_client(here, into or here.root / "build" / "client")
    click.echo(f"{made.path}: {made.package} with {made.exports.client}, {made.exports.counted()}")
