"""The diagrams, drawn anew from code that has just been written."""

import subprocess
import sys
from pathlib import Path


class NotDrawn(Exception):
    """The code was written, but cannot be drawn; the message is the reason."""


def draw(root: Path) -> None:
    """Draw the diagrams of a tree, in a process that sees its code as it is now.

    Raises:
        NotDrawn: the code does not work.
    """
    done = subprocess.run(
        [sys.executable, "-m", "workflow", "diagrams"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotDrawn((done.stderr.strip().splitlines() or ["the diagrams failed"])[-1])
