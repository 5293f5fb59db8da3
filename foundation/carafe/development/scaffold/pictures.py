"""Tries code before it is written, in a copy of the service, and draws its diagrams there."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from carafe.development.expected_error import ExpectedError

from .outcomes import Outcome, write

if TYPE_CHECKING:
    from .trial import Trial  # in a process of its own, which imports the code of the copy

FOLDER = "diagrams"
TRIAL = ["carafe.development.scaffold.trial"]

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

    Raises:
        NotDrawn: the code does not work.
    """
    (result,) = run_modules((copy, TRIAL))
    return trial_of(result)["diagrams"]


def trial_of(result: subprocess.CompletedProcess[str]) -> "Trial":
    """Return what a process has found that tried the code of a copy.

    Raises:
        NotDrawn: the code does not work.
    """
    if result.returncode != 0:
        raise NotDrawn((result.stderr.strip().splitlines() or ["the diagrams failed"])[-1])
    trial: Trial = json.loads(result.stdout)
    return trial


def run_modules(*calls: tuple[Path, list[str]]) -> list[subprocess.CompletedProcess[str]]:
    """Run modules side by side, each in a process that imports the code of a tree.

    No bytecode is kept: it could be taken for that of files that are written a moment later.
    """

    def run(call: tuple[Path, list[str]]) -> subprocess.CompletedProcess[str]:
        tree, words = call
        command = [sys.executable, "-B", "-m", *words]
        return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)  # noqa: S603 - the callers' words

    with ThreadPoolExecutor() as threads:
        return list(threads.map(run, calls))
