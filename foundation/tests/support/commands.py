"""Commands, as a person types them."""

import functools
import os
import subprocess
import tempfile
from pathlib import Path

SECONDS = 900


def environment(**settings: str) -> dict[str, str]:
    """Return an environment without any setting of the service but these."""
    inherited = {"PATH", "HOME", "LANG", "USER", "PYTEST_ADDOPTS"}
    base = {name: value for name, value in os.environ.items() if name in inherited}
    return base | {"MYPY_CACHE_DIR": _mypy_cache().name} | settings


@functools.cache
def _mypy_cache() -> "tempfile.TemporaryDirectory[str]":
    """A folder in which every tree of a test run finds what mypy learned of the packages."""
    return tempfile.TemporaryDirectory(prefix="mypy-", ignore_cleanup_errors=True)


def output_of(folder: Path, *words: str, expected: int | None = 0, **settings: str) -> str:
    """Run a command in a folder, and return its output.

    Args:
        folder: to run it in.
        words: of the command.
        expected: exit code; None for any but 0.
        settings: of its environment, beside what pip needs.
    """
    of_pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    result = subprocess.run(
        words,
        cwd=folder,
        env=environment(**{**of_pip, **settings}),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
    )
    output = result.stdout + result.stderr
    code = result.returncode
    # The code as well: what is killed from outside says nothing.
    told = f"exit code {code}\n{output[-8_000:]}"
    assert (code != 0) if expected is None else (code == expected), told
    return output
