"""`carafe platform`: the templates of what services share."""

import json
from pathlib import Path

import click

from . import network
from .template import template

NAME = "platform.json"
NETWORK = "network.json"
MOST_BYTES = 51_200
"""Of a template that CloudFormation takes without a bucket.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


class PlatformTooLarge(Exception):
    """The template is larger than CloudFormation takes without a bucket."""


@click.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/platform"),
    show_default=True,
    help="The output folder.",
)
def platform(into: Path) -> None:
    """Write the template of the platform, one broker for all services, and that of a network.

    The platform's stack comes before those of the services. The network is an example, for an
    account that has none: a VPC with private subnets in three availability zones. `carafe page
    operations` explains how to deploy them.

    \b
    Example:
        carafe platform --into build/platform
    """
    into.mkdir(parents=True, exist_ok=True)
    texts = {NAME: written(), NETWORK: json.dumps(network.template(), indent=1)}
    for name, text in texts.items():
        path = into / name
        path.write_text(text)
        click.echo(f"{path}: {path.stat().st_size / 1_000:.0f} kB")


def written() -> str:
    """Return the template as JSON.

    Raises:
        PlatformTooLarge: it would need a bucket.
    """
    text = json.dumps(template(), indent=1)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise PlatformTooLarge(f"the template has {size} bytes, over {MOST_BYTES}")
    return text
