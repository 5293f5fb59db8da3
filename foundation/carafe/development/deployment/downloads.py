"""Commands that fetch packages: they end, or are given up."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .errors import PackagingFailed

LONGEST_SECONDS = 300


def run_downloading(
    command: Sequence[str],
    what: str,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, whatever that is.

    Args:
        command: one of ours.
        what: it fetches, as the error says it.
        folder: to run it in; None for this process's.
        environment: of the command; None for this process's.

    Raises:
        PackagingFailed: it took too long.
    """
    try:
        return subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackagingFailed(
            f"{what} not there after {LONGEST_SECONDS} s: is the package index reachable?"
        ) from None
