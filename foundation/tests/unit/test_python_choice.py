"""Which Python the set-up takes: that which AWS Lambda supports longest, if it works."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import ROOT

THERE_BUT_NOT_CHOSEN = "exit 127"
"""What pyenv's command of a Python does that is installed, but not selected."""


SCRIPT = ROOT / "local/install.sh"

MAKES_VENV = """\
if [ "$1" = -m ]; then
    mkdir -p .venv/bin && cp /bin/true .venv/bin/python
    exit
fi
"""
"""What makes a virtual environment whose pip has nothing to do."""


def chosen(folder: Path, **commands: str) -> str:
    """Return the command that the set-up takes of these."""
    for name, script in commands.items():
        path = folder / name.replace("_", ".")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    script = SCRIPT.read_text().partition("# Debian has what venv needs")[0]
    done = subprocess.run(
        ["/bin/sh", "-c", f'{script}\necho "$python"'],
        env={**os.environ, "PATH": str(folder), "PYTHON": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(done.stdout.strip()).name


def installed(folder: Path, python: str) -> list[str]:
    """Return the lines that the set-up prints with a Python, after which all is installed."""
    command = folder / "python"
    command.write_text(f"#!/bin/sh\n{MAKES_VENV}{python}\n")
    command.chmod(0o755)
    output = subprocess.run(
        ["/bin/sh", str(SCRIPT)],
        cwd=folder,
        env={**os.environ, "PYTHON": str(command)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout
    assert (folder / ".venv/.installed").exists()
    return output.splitlines()


def shown_as(version: tuple[int, int]) -> str:
    """Return a command that works as this Python, and says that it has another version."""
    fake = f"import sys; sys.version_info = {(*version, 0)}"
    return f'exec {sys.executable} -c "{fake}; exec(sys.argv[1])" "$2"'


@pytest.mark.parametrize(
    ("commands", "name"),
    [
        ({"python3_11": shown_as((3, 11)), "python3_13": shown_as((3, 13))}, "python3.13"),
        ({"python3_14": shown_as((3, 14)), "python3_12": shown_as((3, 12))}, "python3.14"),
        ({"python3_13": THERE_BUT_NOT_CHOSEN, "python3_11": shown_as((3, 11))}, "python3.11"),
        ({"python3": shown_as((3, 12))}, "python3"),
        ({"python3": shown_as((3, 10))}, ""),
    ],
)
def test_the_python_that_lasts_longest_is_taken(
    tmp_path: Path, commands: dict[str, str], name: str
) -> None:
    assert chosen(tmp_path, **commands) == name


@pytest.mark.parametrize(
    ("version", "words"),
    [((3, 11), "2027-06-30"), ((3, 12), "2028-10-31"), ((3, 13), ""), ((3, 14), "")],
)
def test_one_that_lasts_less_long_is_told_at_the_end(
    tmp_path: Path, version: tuple[int, int], words: str
) -> None:
    progress, *remarks = installed(tmp_path, shown_as(version))
    assert progress.startswith("Making .venv and installing its packages")
    assert [each.startswith("note:") and words in each for each in remarks] == [True] * bool(words)
