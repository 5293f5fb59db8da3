"""Fetches programs that PyPI lacks from Debian's archive, without root.

They are unpacked into the virtual environment, never installed: nothing else on the machine
changes, none of their services starts, and removing the virtual environment removes them.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import MissingPart
from .process import Report

FOLDER = Path(sys.prefix) / "debian"

POLL_SECONDS = 0.1
REPORT_SECONDS = 3.0
FETCH_SECONDS = 600.0

BYTES_PER_MB = 1_000_000
TOTAL = re.compile(r"Need to get (?:\S+ \S+/)?(.+) of archives")

Describe = Callable[[], str]
"""Says how far a step is."""


class FetchDeadline:
    """Limits the time for which a slow archive is waited for.

    Args:
        report: called every few seconds with how far the fetch is.
        cancelled: ends the waiting when it is set.
    """

    def __init__(self, report: Report, cancelled: threading.Event) -> None:
        self._report = report
        self._cancelled = cancelled
        self._started_at = self._reported_at = time.monotonic()

    def wait(self, describe: Describe) -> None:
        """Wait a moment.

        Args:
            describe: called when it is time for a report.

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
            self._report(describe())


def fetch_debian_package(
    package: str, advice: str, report: Report, cancelled: threading.Event
) -> Path:
    """Fetch and unpack a package and its dependencies, once; this takes seconds.

    Args:
        package: its name in apt.
        advice: what the user can do instead if this fails.
        report: called before the fetching, and every few seconds while it lasts.
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
                deadline.wait(lambda: "waiting for another run, which is fetching")
        yield


def _fetch(package: str, root: Path, log: IO[str], deadline: FetchDeadline) -> None:
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial", "tree"):
        (work / folder).mkdir(parents=True)
    apt = ["apt-get", *_apt_options(work)]

    def listed() -> str:
        return f"fetched {_megabytes(work / 'lists')} MB of Debian's lists of packages"

    def fetched() -> str:
        total = TOTAL.search(Path(log.name).read_text())
        of_total = f" of {total[1]}" if total else ""
        return f"fetched {_megabytes(work / 'cache/archives')} MB{of_total}"

    def unpacked() -> str:
        return f"unpacked {_megabytes(work / 'tree')} MB"

    _run([*apt, "update"], log, deadline, listed)
    _run([*apt, "--download-only", "install", package], log, deadline, fetched)
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        extract = ["dpkg-deb", "--extract", str(archive), str(work / "tree")]
        _run(extract, log, deadline, unpacked)
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


def _megabytes(folder: Path) -> int:
    """Return the size of the files below a folder, which change meanwhile."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                size += (Path(place) / name).lstat().st_size
    return size // BYTES_PER_MB


def _run(command: list[str], log: IO[str], deadline: FetchDeadline, describe: Describe) -> None:
    log.write(f"{command[0]} …\n")
    log.flush()
    with subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C"},  # its words are read
    ) as child:
        try:
            while child.poll() is None:
                deadline.wait(describe)
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
