"""`carafe platform`: the template of what services share."""

import json
from pathlib import Path

import click

from .template import template

NAME = "platform.json"
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
    """Write the template of the platform: one broker for the services of a stage.

    Its stack comes before those of the services, once for each stage. `carafe page operations`
    explains how to deploy it.

    \b
    Example:
        carafe platform --into build/platform
    """
    into.mkdir(parents=True, exist_ok=True)
    path = into / NAME
    path.write_text(written())
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
