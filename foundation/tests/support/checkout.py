"""What a person types, typed in a copy of the checkout."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from carafe.development.environment_file import read
from carafe.testing.processes import wait_until

from .commands import environment
from .places import ROOT

UP = [sys.executable, "-m", "carafe", "up"]

# The foundation is the installed one, whatever the copy is of.
IGNORED = shutil.ignore_patterns(
    *(".git", ".venv", ".local", ".env", "build", "__pycache__", ".*_cache", ".hypothesis"),
    "foundation",
)


@dataclass(frozen=True)
class Run:
    """A checkout in which everything runs.

    Attributes:
        checkout: its folder.
        pid: of the command that was typed.
    """

    checkout: Path
    pid: int


def copy_of_project(folder: Path) -> Path:
    """Return a copy of the project, with no state of its own, at a place where nothing is yet."""
    return Path(shutil.copytree(ROOT, folder, ignore=IGNORED))


def up(checkout: Path, *options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Start everything, and wait until it ended."""
    return carafe(checkout, "up", *options, **settings)


def carafe(checkout: Path, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of carafe to its end."""
    return subprocess.run(
        [sys.executable, "-m", "carafe", *words],
        cwd=checkout,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@contextmanager
def serving(
    checkout: Path, command: Sequence[str] = UP, **settings: str
) -> Iterator["subprocess.Popen[str]"]:
    """Run `up` until the block ends, then interrupt it as Ctrl-C does."""
    with started(checkout, command, **settings) as child:
        wait_until(lambda: "Ctrl-C" in output_of(checkout) or child.poll() is not None, 120)
        assert child.poll() is None, output_of(checkout)
        yield child


@contextmanager
def interrupted_at(checkout: Path, sign: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `up` and interrupt it when it prints something; it ends with the block."""
    with started(checkout, UP) as child:
        wait_until(lambda: sign in output_of(checkout) or child.poll() is not None, 120)
        child.send_signal(signal.SIGINT)
        yield child
        child.wait(60)


def output_of(checkout: Path) -> str:
    """Return what `started` printed so far."""
    return (checkout / "output.txt").read_text()


@contextmanager
def started(
    checkout: Path, command: Sequence[str], **settings: str
) -> Iterator["subprocess.Popen[str]"]:
    """Start a command, and interrupt it at the end of the block if it still runs."""
    output = checkout / "output.txt"
    with output.open("w") as file:
        child = subprocess.Popen(
            command,
            cwd=checkout,
            env=environment(**settings),
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGINT)
        child.wait(60)


def processes_of(checkout: Path) -> list[str]:
    """Return the command lines of the processes that run in or for a checkout."""
    processes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            traces = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended, or belongs to somebody else
        if str(checkout).encode() in traces and folder.name != str(os.getpid()):
            processes.append(traces.decode(errors="replace").replace("\0", " ")[:100])
    return processes


def addresses(checkout: Path) -> dict[str, str]:
    """Return what the checkout's .env says."""
    return read(checkout / ".env")
