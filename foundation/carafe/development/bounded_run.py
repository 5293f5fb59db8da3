"""Programs that run for a while, and not for ever: builds and downloads.

Building the foundation's wheel needs this: therefore it needs the standard library alone.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_within(
    seconds: float,
    command: Sequence[str],
    late: Exception,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a program that gets no input, and return its result even if it failed.

    Args:
        seconds: how long it may take.
        command: the program and its arguments.
        late: raised if it takes longer.
        folder: its working directory; None for this process's.
        environment: its environment; None for this process's.
    """
    try:
        return subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise late from None
