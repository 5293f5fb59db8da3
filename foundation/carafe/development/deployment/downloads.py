"""Commands that download packages, with a time limit."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from carafe.development.bounded_run import run_within

from .errors import PackagingFailed

LONGEST_SECONDS = 300


def run_downloading(
    command: Sequence[str],
    download: str,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a command, and return its result even if it failed.

    Args:
        command: the command.
        download: what it downloads, for the error message.
        folder: its working directory; None for this process's.
        environment: its environment; None for this process's.

    Raises:
        PackagingFailed: it took too long.
    """
    late = PackagingFailed(
        f"{download} did not arrive within {LONGEST_SECONDS} s: is the package index reachable?"
    )
    return run_within(LONGEST_SECONDS, command, late, folder=folder, environment=environment)
