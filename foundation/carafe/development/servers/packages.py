"""Programs that PyPI does not have, fetched from Debian's archive without being root.

They are unpacked beside the virtual environment's own files, never installed: nothing of the
machine changes, no service of theirs starts, and removing the virtual environment removes them.
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
from .process import Tell

FOLDER = Path(sys.prefix) / "debian"

POLL_SECONDS = 0.1
TELL_SECONDS = 15.0
FETCH_SECONDS = 600.0


class Patience:
    """Waits for a slow archive as long as that makes sense.

    Args:
        tell: told now and then that it goes on.
        abandoned: set when nobody wants the result any more.
    """

    def __init__(self, tell: Tell, abandoned: threading.Event) -> None:
        self._tell = tell
        self._abandoned = abandoned
        self._began = self._told = time.monotonic()

    def wait(self) -> None:
        """Wait for a moment.

        Raises:
            TimeoutError: enough.
        """
        if self._abandoned.wait(POLL_SECONDS):
            raise TimeoutError("interrupted")
        now = time.monotonic()
        if now - self._began > FETCH_SECONDS:
            raise TimeoutError(f"not there after {FETCH_SECONDS:.0f} s")
        if now - self._told > TELL_SECONDS:
            self._told = now
            self._tell(f"still fetching, after {now - self._began:.0f} s")


def unpacked_debian_package(
    package: str, advice: str, tell: Tell, abandoned: threading.Event
) -> Path:
    """Fetch and unpack a package with what it needs, once; takes seconds.

    Args:
        package: the name that apt knows.
        advice: what a person can do instead, if this fails.
        tell: told before the fetching, and now and then while it lasts.
        abandoned: set it to end the fetching.

    Returns:
        the folder that stands for `/`.

    Raises:
        MissingPart: not on Debian or Ubuntu, no network, no room, no right to write, or no time.
    """
    root = FOLDER / package
    if root.exists():  # asked without the lock, which a run that fetches holds for long
        return root
    patience = Patience(tell, abandoned)
    try:
        with _one_at_a_time(patience):
            if not root.exists():
                tell(f"fetching {package} from Debian's archive, this once")
                with (FOLDER / f"{package}.log").open("w+") as log:
                    _fetch(package, root, log, patience)
    except (OSError, subprocess.SubprocessError) as failure:
        reason = _reason(FOLDER / f"{package}.log", failure)
        raise MissingPart(f"{package} could not be fetched ({reason}): {advice}.") from failure
    return root


@contextmanager
def _one_at_a_time(patience: Patience) -> Iterator[None]:
    """Let a second run wait until the first has fetched."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                patience.wait()
        yield


def _fetch(package: str, root: Path, log: IO[str], patience: Patience) -> None:
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial", "tree"):
        (work / folder).mkdir(parents=True)
    options = _apt_options(work)
    _run(["apt-get", *options, "update"], log, patience)
    _run(["apt-get", *options, "--download-only", "install", package], log, patience)
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(work / "tree")], log, patience)
    # Last: a run that was interrupted leaves no half-filled tree behind under this name.
    (work / "tree").rename(root)
    shutil.rmtree(work)


def _apt_options(work: Path) -> list[str]:
    """Make apt write to the folder alone; what is installed it still reads from the machine."""
    settings = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Dir::Cache::archives": work / "cache/archives",
        "Debug::NoLocking": "true",  # the machine's locks belong to root
        "APT::Sandbox::User": "",  # root's apt would become a user who cannot write here
        "APT::Install-Recommends": "false",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "15",  # seconds
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    return ["--yes", "--quiet", *options]


def _run(command: list[str], log: IO[str], patience: Patience) -> None:
    log.write(f"{command[0]} …\n")
    log.flush()
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
    ) as child:
        try:
            while child.poll() is None:
                patience.wait()
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
    telling = ("W: Failed", "E:", "dpkg-deb:")
    errors = [line for line in log.read_text().splitlines() if line.startswith(telling)]
    return errors[0] if errors else f"see {log}"
