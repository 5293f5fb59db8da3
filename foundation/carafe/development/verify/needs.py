"""A need of a phase, and how it is found out whether it is met."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from carafe.development.diagrams.command import FOLDER, all_documents
from carafe.development.diagrams.documents import stale

Check = Callable[[], Iterable[str]]

# Failed tests that are named; the others are in the output of the tests themselves.
MOST_FAILURES = 5


class State(Enum):
    """What became of a need."""

    MET = "ok"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Need:
    """What a phase needs.

    Attributes:
        text: as a sentence that is true when the need is met.
        check: returns what is missing, a sentence each that says what to do.
        live: the check needs servers, or runs tests.
    """

    text: str
    check: Check
    live: bool = False


@dataclass(frozen=True)
class Finding:
    """What was found out about a need.

    Attributes:
        text: of the need.
        state: what became of it.
        missing: what is missing; empty unless the state is MISSING.
    """

    text: str
    state: State
    missing: tuple[str, ...] = ()


def finding_of(need: Need, *, offline: bool) -> Finding:
    """Check a need.

    Args:
        need: of a phase.
        offline: skip it if it needs servers or runs tests.
    """
    if need.live and offline:
        return Finding(need.text, State.SKIPPED)
    missing = _missing(need)
    return Finding(need.text, State.MISSING if missing else State.MET, missing)


def _missing(need: Need) -> tuple[str, ...]:
    try:
        return tuple(need.check())
    except Exception as error:  # noqa: BLE001 - the code under check may fail in any way
        return (f"cannot be checked: {type(error).__name__}: {' '.join(str(error).split())}",)


def current(*names: str) -> Callable[[], list[str]]:
    """Return a check that diagrams are what the code says."""

    def check() -> list[str]:
        files = stale(all_documents(), FOLDER)
        return [
            f"{each.path} is stale: run `carafe diagrams`"
            for each in files
            if each.path.name in names
        ]

    return check


def passing(*paths: str) -> Callable[[], list[str]]:
    """Return a check that tests pass."""

    def check() -> list[str]:
        found = [each for each in paths if Path(each).exists()]
        if not found:
            return [f"there are no tests in {' and '.join(paths)}"]
        command = [sys.executable, "-m", "pytest", "--quiet", "--no-header", *found]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode == 0:
            return []
        lines = done.stdout.splitlines()
        failed = [line for line in lines if line.startswith(("FAILED", "ERROR "))]
        return failed[:MOST_FAILURES] or [f"pytest ended with exit code {done.returncode}"]

    return check


def mentioned(name: str, folder: str) -> bool:
    """Tell whether a test below a folder speaks of a name."""
    return any(name in path.read_text() for path in sorted(Path(folder).rglob("test_*.py")))
