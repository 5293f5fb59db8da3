"""Child processes of the tests, in the folder of the service as it stands."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from carafe.development.project import project


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a module to its end, and return exit code and output."""
    return run_in(project().root, module, *arguments, environment=environment)


def run_in(
    folder: Path, module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a module in a tree of its own, and return exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module while the block runs; end it by its id if it still does."""
    # Its output goes nowhere: in a pipe that nobody reads it would come to a halt.
    child = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=project().root,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        child.wait(timeout=30)


def wait_until(condition: Callable[[], bool], timeout_seconds: float = 30) -> None:
    """Wait for a condition, and fail when it does not come true in time."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {timeout_seconds} s: {condition}")
        time.sleep(0.02)
