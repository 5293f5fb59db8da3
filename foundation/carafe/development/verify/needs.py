"""The needs of a phase, and how they are checked."""

import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

Check = Callable[[], Iterable[str]]

# The most failed tests that are listed; the output of the tests has all of them.
MOST_FAILURES = 5


class State(Enum):
    """The outcome of a check."""

    MET = "ok"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Need:
    """A need of a phase.

    Attributes:
        text: a statement that is true when the need is met.
        check: returns a sentence for each thing that is missing; it says what to do.
        live: the check needs servers, or runs tests.
    """

    text: str
    check: Check
    live: bool = False


@dataclass(frozen=True)
class Finding:
    """The result of checking a need.

    Attributes:
        text: of the need.
        state: the outcome.
        missing: what is missing, a sentence each; empty unless the state is MISSING.
    """

    text: str
    state: State
    missing: tuple[str, ...] = ()


def check_need(need: Need, *, offline: bool) -> Finding:
    """Check a need and return the finding.

    Args:
        need: of a phase.
        offline: skip the check if it needs servers or runs tests.
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


def stale_diagrams(*names: str) -> Callable[[], list[str]]:
    """Return a check for diagrams that differ from the code.

    Args:
        names: of their files.
    """

    def check() -> list[str]:
        return [
            f"{path} is stale: run `carafe diagrams`"
            for path in _stale_paths()
            if path.name in names
        ]

    return check


@functools.cache
def _stale_paths() -> list[Path]:
    """Return the diagrams that differ from the code, all of which is drawn for it."""
    # Half a second to import, and needed by some phases alone.
    from carafe.development.diagrams.command import FOLDER, all_documents  # noqa: PLC0415
    from carafe.development.diagrams.documents import stale_files  # noqa: PLC0415

    return [each.path for each in stale_files(all_documents(), FOLDER)]


def failing_tests(*paths: str) -> Callable[[], list[str]]:
    """Return a check for tests that fail.

    Args:
        paths: of the tests.
    """

    def check() -> list[str]:
        folders = [each for each in paths if Path(each).exists()]
        if not folders:
            return [f"there are no tests in {' and '.join(paths)}"]
        command = [sys.executable, "-m", "pytest", "--quiet", "--no-header", *folders]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if result.returncode == 0:
            return []
        lines = result.stdout.splitlines()
        failures = [line for line in lines if line.startswith(("FAILED", "ERROR "))]
        return failures[:MOST_FAILURES] or [f"pytest ended with exit code {result.returncode}"]

    return check


def is_mentioned(name: str, folder: str) -> bool:
    """Return whether a test below a folder mentions a name, not only one that begins with it."""
    return _is_found(rf"(?:\b|(?=/)){re.escape(name)}(?![\w-])", folder)


def is_about(aggregate: type, folder: str) -> bool:
    """Return whether a test below a folder names an aggregate, or imports its module or events."""
    module = re.escape(aggregate.__module__)
    return _is_found(rf"\b(?:{aggregate.__name__}|{module}(?:_events)?)\b", folder)


def _is_found(pattern: str, folder: str) -> bool:
    return any(re.search(pattern, path.read_text()) for path in Path(folder).rglob("test_*.py"))
