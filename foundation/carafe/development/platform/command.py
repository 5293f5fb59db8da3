"""`carafe platform`: the templates of what services share."""

import json
from pathlib import Path

import click

from carafe.development.expected_error import ExpectedError

from . import network
from .checks import faults_of_logs
from .exports import DEFAULT_NAME
from .template import template

NAME = "platform.json"
NETWORK = "network.json"
MOST_BYTES = 51_200
"""Of a template that CloudFormation takes without a bucket.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


class PlatformTooLarge(ExpectedError):
    """The template is larger than CloudFormation takes without a bucket."""


class PlatformUnsafe(ExpectedError):
    """The template breaks rules; the message has one sentence for each."""


@click.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/platform"),
    show_default=True,
    help="The output folder.",
)
@click.option("--preflight", is_flag=True, help="Check your AWS account; write and change nothing.")
@click.option(
    "--stack", default=DEFAULT_NAME, show_default=True, help="The stack's name, for --preflight."
)
@click.option(
    "--parameter",
    "words",
    multiple=True,
    metavar="NAME=VALUE",
    help="Of the template, for --preflight; may be repeated.",
)
def platform(into: Path, stack: str, words: tuple[str, ...], *, preflight: bool) -> None:
    """Write the template of the platform, one broker for all services, and that of a network.

    The platform's stack comes before those of the services. The network is an example, for an
    account that has none: a VPC with private subnets in three availability zones. `carafe page
    operations` explains how to deploy them.

    With --preflight, check whether the account of your terminal can take the platform's stack: its
    names are free, the network is right, and Amazon MQ offers such a broker there.

    \b
    Example:
        carafe platform --into build/platform
        carafe platform --preflight --parameter Size=prod --parameter VpcId=vpc-1
    """
    if preflight:
        _check_account(stack, words)
        return
    into.mkdir(parents=True, exist_ok=True)
    texts = {NAME: written(), NETWORK: json.dumps(network.template(), indent=1)}
    for name, text in texts.items():
        path = into / name
        path.write_text(text)
        click.echo(f"{path}: {path.stat().st_size / 1_000:.0f} kB")


def _check_account(stack: str, words: tuple[str, ...]) -> None:
    # Imported here: AWS's client is slow to import, and nothing else of this command needs it.
    from carafe.development.deployment.parameters import parameters_in  # noqa: PLC0415

    from .preflight import check_platform  # noqa: PLC0415

    account = check_platform(stack, parameters_in(words))
    for note in account.notes:
        click.echo(f"note: {note}")
    click.echo(f"account {account.number} takes the stack {stack}")


def written() -> str:
    """Return the template as JSON.

    Raises:
        PlatformUnsafe: it would keep logs for ever.
        PlatformTooLarge: it would need a bucket.
    """
    content = template()
    if faults := [*faults_of_logs(content)]:
        raise PlatformUnsafe("; ".join(faults))
    text = json.dumps(content, indent=1)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise PlatformTooLarge(f"the template has {size} bytes, over {MOST_BYTES}")
    return text
