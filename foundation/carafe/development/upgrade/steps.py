"""Runs the commands that prepare and check the copy, and shows how far they are."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from .errors import UpgradeFailed

GRACE_SECONDS = 15
LAST_LINES = 15

# They would lead the copy's commands to the environment of this one.
LEFT_OUT = ("VIRTUAL_ENV", "CARAFE_CALLED_IN", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


class StepFailed(UpgradeFailed):
    """A step failed; the message says which one."""


class Step(NamedTuple):
    """A command that is run in the copy.

    Attributes:
        name: as it is shown.
        command: in the copy's folder.
    """

    name: str
    command: Sequence[str]


def run_step(step: Step, folder: Path, log: Path, **variables: str) -> str:
    """Run a step, show that it runs and how long it took, and return its output.

    Args:
        step: the command.
        folder: to run it in.
        log: the file for its output.
        variables: of its environment, beside the present ones.

    Raises:
        StepFailed: its exit code is not 0; the end of its output has been shown.
    """
    click.echo(f"  {step.name} ", nl=False)
    started_at = time.monotonic()
    code = _run(step.command, folder, log, variables)
    seconds = time.monotonic() - started_at
    click.echo(f"… {'failed' if code else 'done'} ({seconds:.0f} s)")
    output = log.read_text(encoding="utf-8", errors="replace")
    if code:
        for line in output.rstrip().splitlines()[-LAST_LINES:]:
            click.echo(f"    {line}", err=True)
        raise StepFailed(f"{step.name} failed in the copy")
    return output


def _run(command: Sequence[str], folder: Path, log: Path, variables: Mapping[str, str]) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    with log.open("w") as file:
        child = subprocess.Popen(  # noqa: S603 - the service's own commands
            command,
            cwd=folder,
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all of it can be ended
        )
    try:
        return child.wait()
    except BaseException:
        _end(child)
        raise


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a command and its children as Ctrl-C would, or by force if they do not heed it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
