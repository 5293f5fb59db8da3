"""Runs Spin: makes a program of the model, and visits every state with it.

https://spinroot.com/spin/Man/
"""

import re
import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carafe.development.servers.debian_packages import fetch_debian_package
from carafe.development.servers.errors import MissingPart
from carafe.development.servers.process import Report

from .scopes import Size

MODEL = Path(__file__).parent / "protocol"
MAIN = "protocol.pml"

LONGEST_SECONDS = 900.0
MOST_MEGABYTES = 8_000

_STATES = re.compile(r"^\s*(\S+) states, stored", re.MULTILINE)
_ERRORS = re.compile(r"errors: (\d+)")
_INCOMPLETE = ("max search depth too small", "reached -DMEMLIM", "out of memory")


class NotChecked(Exception):
    """The model could not be visited whole."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The programs that are needed.

    Attributes:
        spin: turns the model into a program, and replays its runs.
        compiler: of C.
    """

    spin: str
    compiler: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit of all states has shown.

    Attributes:
        states: different ones that were visited.
        is_violated: whether a promise was broken, or a run does not end.
        story: what happened until then, as the model tells it; empty if nothing was broken.
    """

    states: int
    is_violated: bool
    story: str = ""


def find_tools(report: Report, cancelled: threading.Event) -> Tools:
    """Return Spin, fetched from Debian's archive if the machine has none, and a compiler.

    Args:
        report: called if something must be fetched.
        cancelled: ends the fetching when it is set.

    Raises:
        MissingPart: there is none, and none could be fetched.
    """
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise MissingPart("there is no C compiler: run `sudo apt-get install gcc libc6-dev`.")
    spin = shutil.which("spin")
    if spin is None:
        root = fetch_debian_package("spin", "run `sudo apt-get install spin`", report, cancelled)
        spin = str(root / "usr/bin/spin")
    return Tools(spin, compiler)


def visit(tools: Tools, folder: Path, size: Size) -> Visit:
    """Visit all states of the model, and check its promises in each.

    Args:
        tools: the programs.
        folder: an empty one.
        size: the model's constants.

    Raises:
        NotChecked: not all states could be visited.
    """
    _compile(tools, folder, size, ["-O1", "-DSAFETY"])
    return _visit(folder, "-E", "-m1000000", "-w24")


def visit_cycles(tools: Tools, folder: Path, size: Size) -> Visit:
    """Look for a run that never ends; what is checked of ends then holds for every run.

    Args:
        tools: the programs.
        folder: an empty one.
        size: the model's constants.

    Raises:
        NotChecked: not all states could be visited.
    """
    _compile(tools, folder, size, ["-O1", "-DNP"])
    return _visit(folder, "-E", "-l", "-m1000000", "-w24")


def find_shortest(tools: Tools, folder: Path, size: Size) -> Visit:
    """Look for the shortest run that breaks a promise.

    Args:
        tools: the programs.
        folder: an empty one.
        size: the model's constants.

    Raises:
        NotChecked: none was found, but not all states could be visited.
    """
    _compile(tools, folder, size, ["-O0", "-DSAFETY", "-DBFS"])
    found = _visit(folder, "-E", "-w22")
    if not found.is_violated:
        return found
    replay = [tools.spin, *_definitions(size), "-t", "-k", f"{MAIN}.trail", MAIN]
    return Visit(found.states, is_violated=True, story=_run(replay, folder))


def _compile(tools: Tools, folder: Path, size: Size, flags: Sequence[str]) -> None:
    shutil.copytree(MODEL, folder, dirs_exist_ok=True)
    _run([tools.spin, *_definitions(size), "-a", MAIN], folder)
    limits = ["-DVECTORSZ=1024", f"-DMEMLIM={MOST_MEGABYTES}"]
    _run([tools.compiler, "-w", *flags, *limits, "-o", "pan", "pan.c"], folder)


def _definitions(size: Size) -> list[str]:
    return [f"-D{name}={value}" for name, value in size.items()]


def _visit(folder: Path, *options: str) -> Visit:
    output = _run(["./pan", *options], folder)
    states, errors = _STATES.search(output), _ERRORS.search(output)
    if states is None or errors is None:
        raise NotChecked(f"Spin ended without a result: {output[-500:]}")
    is_violated = errors[1] != "0"
    if not is_violated and any(each in output for each in _INCOMPLETE):
        raise NotChecked("The states exceed the memory or the depth: make the scope smaller.")
    return Visit(int(float(states[1])), is_violated)


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        result = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotChecked("The time is up: make the scope smaller.") from error
    if result.returncode and command[0] != "./pan":
        raise NotChecked(f"{command[0]} failed: {result.stdout[-500:]}{result.stderr[-500:]}")
    return result.stdout + result.stderr
