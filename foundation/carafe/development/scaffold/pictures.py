"""The diagrams, drawn from code that is about to be written."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .tree import Outcome, Tree

FOLDER = "diagrams"

# What a service's code consists of; nothing else is needed to draw it.
CODE = ("app.py", "chalicelib", ".chalice")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "deployments", "venv")


class NotDrawn(Exception):
    """The code cannot be drawn, since it does not work; the message is the reason."""


def drawn(root: Path, outcomes: Sequence[Outcome], *, over: bool = False) -> dict[str, str]:
    """Return the diagrams that a tree will have, by the names of their files.

    The outcomes become real in a copy of the tree, and are drawn there from the code: what does
    not work is found out before the tree itself is touched.

    Args:
        root: of the project, which stays as it is.
        outcomes: what is to be written.
        over: also over what is there and would be left.

    Raises:
        NotDrawn: the code would not work.
        OSError: this is not a service's tree.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for each in CODE:
            if (root / each).is_dir():
                shutil.copytree(root / each, copy / each, ignore=LEFT_OUT)
            else:
                shutil.copy2(root / each, copy / each)
        Tree(copy).write(outcomes, over=over)
        draw(copy)
        return {path.name: path.read_text("utf-8") for path in (copy / FOLDER).iterdir()}


def draw(root: Path) -> None:
    """Draw the diagrams of a tree, in a process that sees its code as it is now.

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
