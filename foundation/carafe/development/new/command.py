"""The command `new`."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

import carafe
from carafe.development.expected_error import ExpectedError
from carafe.development.interruption import exit_code, interruptible
from carafe.development.wheel import WheelNotBuilt, build_wheel

from . import files, history, sample
from .identity import BadIdentity, Identity
from .origin import Origin
from .questions import Options, identity_from
from .target_folder import UnusableFolder, new_folder, require_free

WHEELS = "wheels"


class ServiceNotCreated(ExpectedError):
    """Nothing was created; the message says why."""


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", help="For people: Lending Desk.")
@click.option("--context", help="For machines: lending. One word, the first of every routing key.")
@click.option("--port", metavar="NUMBER", help="Of the API on a developer's machine.")
@click.option(
    "--sample", "with_sample", is_flag=True, help="Create the sample, with its own names."
)
@click.option("--yes", is_flag=True, help="Ask nothing; DIR gives what no option does.")
def new(  # noqa: PLR0913 - one for each option
    *,
    folder: Path,
    name: str | None,
    context: str | None,
    port: str | None,
    with_sample: bool,
    yes: bool,
) -> None:
    """Create a service of your own in DIR, which must be missing or empty.

    It is small, and all of it is yours: an empty domain, contracts and API on the foundation,
    tests, settings, a memory bank, and a git history with one commit. In a terminal, you are asked
    for what no option gives. With --sample it is the reference service instead, to read and to try.

    \b
    Example:
        carafe new ../lending
        carafe new ../lending --name "Lending Desk" --context lending --port 8100 --yes
        carafe new ../sample --sample
    """
    target = Path(os.path.realpath(folder))
    options = {"--name": name, "--context": context, "--port": port}
    try:
        require_free(target)
        if with_sample:
            identity = _sample_identity(options)
        else:
            identity = identity_from(target, options, may_ask=not yes)
        with interruptible():
            _create(target, identity, with_sample=with_sample)
        click.echo(_next_steps(folder, with_sample=with_sample))
    except (BadIdentity, UnusableFolder, sample.NoSample, WheelNotBuilt) as error:
        raise ServiceNotCreated(f"nothing was created: {error}") from error
    except click.Abort as error:
        click.echo("\nerror: stopped in the middle; nothing was created", err=True)
        sys.exit(exit_code(error))


def _sample_identity(options: Options) -> Identity:
    if given := [option for option, value in options.items() if value is not None]:
        raise BadIdentity(f"the sample has names and a port of its own: leave out {given[0]}")
    return sample.IDENTITY


def _create(target: Path, identity: Identity, *, with_sample: bool) -> None:
    """Create the service, and print a summary."""
    click.echo(f"creating {identity.name} ...")
    with new_folder(target) as folder:
        files.write(Origin(identity, with_sample).files(), folder)
        build_wheel(folder / WHEELS)
        _draw_diagrams(folder)
        message = f"{identity.name}, made by carafe {carafe.__version__}"
        history_note = history.begin(folder, message)
        contents = _contents(folder)
    click.echo(f"{identity.name} is in {target}: {contents}.")
    click.echo(history_note)


def _draw_diagrams(folder: Path) -> None:
    """Draw the diagrams of a service, in a process that imports its code.

    Raises:
        ServiceNotCreated: its code does not work.
    """
    result = subprocess.run(
        [sys.executable, "-B", "-m", "carafe", "diagrams"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines() or ["the diagrams failed"]
        message = f"nothing was created: its diagrams cannot be drawn: {lines[-1]}"
        raise ServiceNotCreated(message)


def _contents(folder: Path) -> str:
    """Return the number of files and lines, without git's own files."""
    paths = [
        path
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    ]
    texts = [path for path in paths if path.suffix != ".whl"]
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in texts)
    return f"{len(texts)} files with {lines:,} lines, and the wheel of carafe-foundation"


def _next_steps(folder: Path, *, with_sample: bool) -> str:
    """Return the commands to type next."""
    steps = [
        (f"cd {shlex.quote(str(folder))}", ""),
        ("make run", "# everything starts; the first time takes a minute or two"),
        ("make test", "# every check and every test"),
    ]
    if not with_sample:
        steps.append((".venv/bin/carafe discover --ask", "# describe the domain, then scaffold"))
    width = max(len(command) for command, _ in steps)
    lines = [f"    {command:<{width}}  {comment}".rstrip() for command, comment in steps]
    return "\n".join(["", "Next:", *lines])
