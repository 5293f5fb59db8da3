"""The command `client`."""

from pathlib import Path

import click

from carafe.development.project import CallerPath, project

from .build import build_client


@click.group()
def client() -> None:
    """The service's client, as other services install it."""


@client.command()
@click.option(
    "--into",
    type=CallerPath(file_okay=False),
    help="The folder for the wheel; by default build/client.",
)
def build(into: Path | None) -> None:
    """Build a wheel of the contracts and the typed client, with the service's version.

    It only needs the foundation without its extras. It is imported by the service's name, so that
    a consumer may have a chalicelib of its own.

    \b
    Example:
        carafe client build
    """
    service = project()
    wheel = build_client(service, into or service.root / "build" / "client")
    exports = wheel.exports
    click.echo(f"{wheel.path}: {wheel.package} with {exports.client}, {exports.summary()}")
