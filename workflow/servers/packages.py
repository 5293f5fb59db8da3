"""Programs that PyPI does not have, fetched from Debian's archive without being root.

They are unpacked beside the virtual environment's own files, never installed: nothing of the
machine changes, no service of theirs starts, and removing the virtual environment removes them.
"""

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import MissingPart
from .process import Tell

FOLDER = Path(sys.prefix) / "debian"


def unpacked_debian_package(package: str, advice: str, tell: Tell) -> Path:
    """Fetch and unpack a package with what it needs, once; takes seconds.

    Args:
        package: the name that apt knows.
        advice: what a person can do instead, if this fails.
        tell: told before the fetching.

    Returns:
        the folder that stands for `/`.

    Raises:
        MissingPart: not on Debian or Ubuntu, no network, no room, or no right to write.
    """
    root = FOLDER / package
    try:
        with _one_at_a_time():
            if not root.exists():
                tell(f"fetching {package} from Debian's archive, this once")
                with (FOLDER / f"{package}.log").open("w+") as log:
                    _fetch(package, root, log)
    except (OSError, subprocess.SubprocessError) as failure:
        reason = _reason(FOLDER / f"{package}.log", failure)
        raise MissingPart(f"{package} could not be fetched ({reason}): {advice}.") from failure
    return root


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let a second run wait until the first has fetched."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(package: str, root: Path, log: IO[str]) -> None:
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("lists/partial", "cache/archives/partial", "tree"):
        (work / folder).mkdir(parents=True)
    options = _apt_options(work)
    _run(["apt-get", *options, "update"], log)
    _run(["apt-get", *options, "--download-only", "install", package], log)
    for archive in sorted((work / "cache/archives").glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(archive), str(work / "tree")], log)
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


def _run(command: list[str], log: IO[str]) -> None:
    log.write(f"{command[0]} …\n")
    log.flush()
    subprocess.run(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=True
    )


def _reason(log: Path, failure: Exception) -> str:
    if isinstance(failure, OSError):
        return f"{failure.strerror}: {failure.filename}"
    telling = ("W: Failed", "E:", "dpkg-deb:")
    errors = [line for line in log.read_text().splitlines() if line.startswith(telling)]
    return errors[0] if errors else f"see {log}"
