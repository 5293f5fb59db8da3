"""Draws the diagrams from code before it is written."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .tree import Outcome, Tree

FOLDER = "diagrams"

# The files of a service that its diagrams are drawn from.
CODE = ("app.py", "chalicelib", ".chalice")
IGNORED = shutil.ignore_patterns("__pycache__", "deployments", "venv")


class NotDrawn(Exception):
    """The diagrams cannot be drawn, since the code does not work; the message is the reason."""


def diagrams_of(
    root: Path, outcomes: Sequence[Outcome], *, overwrite: bool = False
) -> dict[str, str]:
    """Return the diagrams that a tree will have, by the names of their files.

    The outcomes are written into a copy of the tree, and the diagrams are drawn there: code that
    does not work is noticed before the tree itself changes.

    Args:
        root: of the project, which is not changed.
        outcomes: the files to write.
        overwrite: also replace existing files that differ.

    Raises:
        NotDrawn: the code does not work.
        OSError: the root is not a service's tree.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for each in CODE:
            if (root / each).is_dir():
                shutil.copytree(root / each, copy / each, ignore=IGNORED)
            else:
                shutil.copy2(root / each, copy / each)
        Tree(copy).write(outcomes, overwrite=overwrite)
        draw(copy)
        return {path.name: path.read_text("utf-8") for path in (copy / FOLDER).iterdir()}


def draw(root: Path) -> None:
    """Draw the diagrams of a tree, in a new process, which imports its present code.

    Raises:
        NotDrawn: the code does not work.
    """
    result = subprocess.run(
        [sys.executable, "-m", "carafe", "diagrams"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["the diagrams failed"])[-1]
        raise NotDrawn(reason.removeprefix("error: "))
