"""Child processes for tests, in the folder of the service."""

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
    """Run a module, and return its exit code and output."""
    return run_in(project().root, module, *arguments, environment=environment)


def run_in(
    folder: Path, module: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a module in a folder, and return its exit code and output."""
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a module while the block runs; end it afterwards if it still runs."""
    # No pipe for its output: a full pipe that nobody reads would block it.
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
    """Wait for a condition, and fail if it does not become true in time."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {timeout_seconds} s: {condition}")
        time.sleep(0.02)
