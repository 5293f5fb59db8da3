"""Calls git, in the service's repository and in the copy's own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from carafe.development.new.history import REPOSITORY_VARIABLES

from .errors import UpgradeFailed

# Asking for the status of the service does not write to its index.
READ_ONLY = {"GIT_OPTIONAL_LOCKS": "0"}

# The copy's repository heeds no setting of the user: no hook, no signature, no filter.
ISOLATED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Carafe",
    "GIT_AUTHOR_EMAIL": "carafe@localhost",
    "GIT_COMMITTER_NAME": "Carafe",
    "GIT_COMMITTER_EMAIL": "carafe@localhost",
}


class GitFailed(Exception):
    """A call of git failed; the message is the last line of its output."""


def git(folder: Path, *arguments: str, **variables: str) -> str:
    """Call git in a folder, and return its output.

    Raises:
        GitFailed: its exit code is not 0.
        UpgradeFailed: git is not installed.
    """
    return git_bytes(folder, *arguments, **variables).decode(errors="surrogateescape")


def git_bytes(folder: Path, *arguments: str, **variables: str) -> bytes:
    """Call git in a folder, and return its output, which is no text.

    Raises:
        GitFailed: its exit code is not 0.
        UpgradeFailed: git is not installed.
    """
    try:
        result = subprocess.run(  # noqa: S603 - git itself
            ["git", *arguments],  # noqa: S607 - found on the PATH
            cwd=folder,
            env=_environment(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise UpgradeFailed("git is not installed: install it, since it merges") from error
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).decode(errors="replace").strip().splitlines()
        raise GitFailed(lines[-1] if lines else f"git {arguments[0]} gave no reason")
    return result.stdout


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name not in REPOSITORY_VARIABLES
    }
    return {**inherited, "LC_ALL": "C", **variables}
