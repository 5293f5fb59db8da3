"""Fetches programs that PyPI lacks from Debian's archive, without root.

They are unpacked into the virtual environment, never installed: nothing else on the machine
changes, none of their services starts, and removing the virtual environment removes them.
"""

import fcntl
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import MissingPart
from .process import Report

FOLDER = Path(sys.prefix) / "debian"

POLL_SECONDS = 0.1
REPORT_SECONDS = 15.0
FETCH_SECONDS = 600.0


class FetchDeadline:
    """Limits the time for which a slow archive is waited for.

    Args:
        report: called now and then with the time spent.
        cancelled: ends the waiting when it is set.
    """

    def __init__(self, report: Report, cancelled: threading.Event) -> None:
        self._report = report
        self._cancelled = cancelled
        self._started_at = self._reported_at = time.monotonic()

    def wait(self) -> None:
        """Wait a moment.

        Raises:
            TimeoutError: the time is up, or the fetch was cancelled.
        """
        if self._cancelled.wait(POLL_SECONDS):
            raise TimeoutError("interrupted")
        now = time.monotonic()
        if now - self._started_at > FETCH_SECONDS:
            raise TimeoutError(f"not finished after {FETCH_SECONDS:.0f} s")
        if now - self._reported_at > REPORT_SECONDS:
            self._reported_at = now
            self._report(f"still fetching, after {now - self._started_at:.0f} s")


def fetch_debian_package(
    package: str, advice: str, report: Report, cancelled: threading.Event
) -> Path:
    """Fetch and unpack a package and its dependencies, once; this takes seconds.

    Args:
        package: its name in apt.
        advice: what the user can do instead if this fails.
        report: called before the fetching, and now and then while it lasts.
        cancelled: ends the fetching when it is set.

    Returns:
        The folder that takes the place of `/`.

    Raises:
        MissingPart: no Debian or Ubuntu, no network, no space, no permission, or no time.
    """
    root = FOLDER / package
    if root.exists():  # checked without the lock, which a fetching run holds for long
        return root
    deadline = FetchDeadline(report, cancelled)
    try:
        with _exclusive_lock(deadline):
            if not root.exists():
                report(f"fetching {package} from Debian's archive, this once")
                with (FOLDER / f"{package}.log").open("w+") as log:
                    _fetch(package, root, log, deadline)
    except (OSError, subprocess.SubprocessError) as failure:
        reason = _reason(FOLDER / f"{package}.log", failure)
        raise MissingPart(f"{package} could not be fetched ({reason}): {advice}.") from failure
    return root


@contextmanager
def _exclusive_lock(deadline: FetchDeadline) -> Iterator[None]:
    """Hold the lock of the fetched packages; a second run waits for the first."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                deadline.wait()
        yield


def _fetch(package: str, root: Path, log: IO[str], deadline: FetchDeadline) -> None:
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial", "tree"):
        (work / folder).mkdir(parents=True)
    options = _apt_options(work)
    _run(["apt-get", *options, "update"], log, deadline)
    _run(["apt-get", *options, "--download-only", "install", package], log, deadline)
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(work / "tree")], log, deadline)
    # Last, so that an interrupted run leaves no incomplete tree under this name.
    (work / "tree").rename(root)
    shutil.rmtree(work)


def _apt_options(work: Path) -> list[str]:
    """Return options with which apt writes to the folder only, and reads what is installed."""
    settings = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Dir::Cache::archives": work / "cache/archives",
        "Debug::NoLocking": "true",  # the machine's locks belong to root
        "APT::Sandbox::User": "",  # as root, apt would switch to a user who cannot write here
        "APT::Install-Recommends": "false",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "15",  # seconds
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    return ["--yes", "--quiet", *options]


def _run(command: list[str], log: IO[str], deadline: FetchDeadline) -> None:
    log.write(f"{command[0]} …\n")
    log.flush()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    ) as child:
        try:
            while child.poll() is None:
                deadline.wait()
        except TimeoutError:
            child.terminate()
            raise
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)


def _reason(log: Path, failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return str(failure)
    if isinstance(failure, OSError):
        return f"{failure.strerror}: {failure.filename}"
    prefixes = ("W: Failed", "E:", "dpkg-deb:")
    errors = [line for line in log.read_text().splitlines() if line.startswith(prefixes)]
    return errors[0] if errors else f"see {log}"
