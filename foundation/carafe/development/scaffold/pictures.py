"""Draws the diagrams from code before it is written, in a copy of the service."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from carafe.development.expected_error import ExpectedError

from .outcomes import Outcome, write

FOLDER = "diagrams"

# The files of a service that its diagrams are drawn from.
CODE = ("app.py", "chalicelib", ".chalice")
IGNORED = shutil.ignore_patterns("__pycache__", "deployments", "venv")


class NotDrawn(ExpectedError):
    """The diagrams cannot be drawn, since the code does not work; the message is the reason."""


@contextmanager
def copy_with(
    root: Path, outcomes: Sequence[Outcome], *, overwrite: bool = False
) -> Iterator[Path]:
    """Lend a copy of a service's code into which outcomes are written.

    Code that does not work is noticed there before the service itself changes.

    Args:
        root: of the service, which is not changed.
        outcomes: the files to write.
        overwrite: also replace existing files that differ.

    Raises:
        OSError: the root is not a service's tree.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for each in CODE:
            if (root / each).is_dir():
                shutil.copytree(root / each, copy / each, ignore=IGNORED)
            else:
                shutil.copy2(root / each, copy / each)
        write(copy, outcomes, overwrite=overwrite)
        yield copy


def diagrams_of(copy: Path) -> dict[str, str]:
    """Return the diagrams of a copy's code, by the names of their files.

    They are drawn in a new process, which imports the present code.

    Raises:
        NotDrawn: the code does not work.
    """
    (result,) = _run(copy, ["diagrams"])
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["the diagrams failed"])[-1]
        raise NotDrawn(reason.removeprefix("error: "))
    return {path.name: path.read_text("utf-8") for path in (copy / FOLDER).iterdir()}


def breaks_of(copy: Path) -> list[str]:
    """Return what the code of a copy breaks: of stored documents, and of released contracts."""
    results = _run(copy, ["database", "check"], ["contracts", "check"])
    lines = [line for each in results for line in each.stdout.splitlines()]
    return [line.removeprefix("break").strip() for line in lines if line.startswith("break ")]


def _run(copy: Path, *commands: list[str]) -> list[subprocess.CompletedProcess[str]]:
    """Run commands in a copy, side by side, each in a process that imports its code."""

    def run(words: list[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "carafe", *words]
        return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)  # noqa: S603 - this module's words

    with ThreadPoolExecutor() as threads:
        return list(threads.map(run, commands))
