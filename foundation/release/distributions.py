"""Wheel and sdist, built without a network; whoever builds them again gets the same bytes."""

import os
import sys
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from carafe.development.bounded_run import run_within

from .checkout import NotReleased

LONGEST_SECONDS = 120
SUMS = "SHA256SUMS"


def build(export: Callable[[Path], Path], workspace: Path, commit_time: int) -> list[Path]:
    """Build a commit's wheel and sdist, twice.

    The second wheel is built from the first sdist, as an installer builds it.

    Args:
        export: writes the commit's files into a new folder, and returns it.
        workspace: an empty folder.
        commit_time: the time of everything inside, in seconds since 1970.

    Returns:
        The paths of the sdist and the wheel.

    Raises:
        NotReleased: they cannot be built, or differ the second time.
    """
    first, second = workspace / "first", workspace / "second"
    source = export(workspace / "source") / "foundation"
    _hatchling(source, first, commit_time, "sdist", "wheel")
    again = export(workspace / "elsewhere" / "source") / "foundation"
    _hatchling(again, second, commit_time, "sdist")
    _hatchling(_unpacked(second, workspace / "sdist"), second, commit_time, "wheel")
    built = sorted(first.iterdir())
    for path in built:
        if path.read_bytes() != (second / path.name).read_bytes():
            raise NotReleased(f"{path.name} is another when it is built again: compare the two")
    return built


def sums(paths: list[Path]) -> str:
    """Return what `sha256sum --check` reads."""
    return "".join(f"{digest(path)}  {path.name}\n" for path in sorted(paths))


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    return sha256(path.read_bytes()).hexdigest()


def _hatchling(source: Path, into: Path, commit_time: int, *targets: str) -> None:
    options = [word for target in targets for word in ("--target", target)]
    command = [sys.executable, "-m", "hatchling", "build", *options, "--directory", str(into)]
    variables = {"SOURCE_DATE_EPOCH": str(commit_time), "PYTHONDONTWRITEBYTECODE": "1"}
    late = NotReleased(
        f"{' and '.join(targets)} cannot be built within {LONGEST_SECONDS} s: try again"
    )
    environment = {**os.environ, **variables}
    result = run_within(LONGEST_SECONDS, command, late, folder=source, environment=environment)
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines() or ["hatchling says nothing"]
        raise NotReleased(f"{' and '.join(targets)} cannot be built: {lines[-1]}")


def _unpacked(folder: Path, into: Path) -> Path:
    """Unpack the sdist of a folder, and return its tree."""
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        opened.extractall(into, filter="data")
    return into / sdist.name.removesuffix(".tar.gz")
