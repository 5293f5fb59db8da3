"""Makes the wheel of the installed foundation, which a service pins.

From a source tree (an editable install) it is built; from an installed wheel, the same wheel is
packed again from the files listed in its RECORD.
"""

import csv
import importlib.metadata
import importlib.util
import json
import sys
import tempfile
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from carafe.development.expected_error import ExpectedError

from .bounded_run import run_within
from .zip_file import wheel_bytes

DISTRIBUTION = "carafe-foundation"
BACKEND = "hatchling"

# pip would take three times as long to call the same.
BUILD = """
import os, sys
from hatchling.build import build_wheel
os.chdir(sys.argv[1])
build_wheel(sys.argv[2])
"""

LONGEST_SECONDS = 180
REASON_LENGTH = 300

# The files that an installer adds to a wheel's.
INSTALLER_FILES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


class WheelNotBuilt(ExpectedError):
    """The foundation's wheel could not be made; the message says why."""


def source_tree() -> Path | None:
    """Return the folder of the foundation's pyproject.toml; None without an editable install."""
    text = _installed().read_text("direct_url.json")
    if text is None:
        return None
    origin = json.loads(text)
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))


def build_wheel(into: Path) -> Path:
    """Make the wheel of the running foundation.

    Args:
        into: the output folder; created if it is missing.

    Returns:
        The path of the wheel; it replaces one of the same name.

    Raises:
        WheelNotBuilt: with one line that says why; the folder gets no file.
    """
    tree = source_tree()
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into, prefix=".wheel-") as folder:
            wheel = _build(tree, Path(folder)) if tree else _repack(_installed(), Path(folder))
            return wheel.replace(into / wheel.name)
    except OSError as error:
        raise WheelNotBuilt(
            f"{error.strerror}: {error.filename or into}: make it writable for the wheel of "
            f"{DISTRIBUTION}"
        ) from error


def _installed() -> Distribution:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise WheelNotBuilt(f"{DISTRIBUTION} is not installed: run `make install`") from error


def _build(tree: Path, folder: Path) -> Path:
    """Build the wheel of a source tree."""
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    by_pip = ["-m", "pip", "wheel", *options, str(tree.resolve()), "--wheel-dir", str(folder)]
    by_backend = ["-c", BUILD, str(tree), str(folder.resolve())]
    # Without the backend here, pip installs it into an isolated environment.
    words = by_backend if importlib.util.find_spec(BACKEND) else by_pip
    late = WheelNotBuilt(
        f"the wheel of {tree} was not built within {LONGEST_SECONDS} s: "
        "is the package index reachable?"
    )
    result = run_within(LONGEST_SECONDS, [sys.executable, *words], late)
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or len(wheels) != 1:
        raise WheelNotBuilt(f"the wheel of {tree} cannot be built: {_reason(result.stderr)}")
    return wheels[0]


def _reason(output: str) -> str:
    """Return the most informative line of pip's output."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip gave no reason"])[-1].removeprefix("ERROR: ")[:REASON_LENGTH]


def _repack(distribution: Distribution, folder: Path) -> Path:
    """Pack the installed wheel again."""
    contents = {path.as_posix(): _content(distribution, path) for path in _files(distribution)}
    metadata = next(name.rpartition("/")[0] for name in contents if name.endswith("/METADATA"))
    name = metadata.removesuffix(".dist-info")
    wheel = folder / f"{name}-py3-none-any.whl"
    wheel.write_bytes(wheel_bytes(contents, metadata))
    return wheel


def _files(distribution: Distribution) -> list[PurePosixPath]:
    """Return the files of the wheel, without bytecode, scripts and the installer's files.

    Since Python 3.12, `Distribution.files` leaves out missing files; RECORD does not.
    """
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    return sorted(path for row in rows if row and _is_in_wheel(path := PurePosixPath(row[0])))


def _is_in_wheel(path: PurePosixPath) -> bool:
    is_installers = path.parent.suffix == ".dist-info" and path.name in INSTALLER_FILES
    return ".." not in path.parts and path.suffix != ".pyc" and not is_installers


def _content(distribution: Distribution, path: PurePosixPath) -> bytes:
    try:
        return Path(str(distribution.locate_file(path.as_posix()))).read_bytes()
    except OSError as error:
        raise WheelNotBuilt(
            f"{path} of the installed {DISTRIBUTION} cannot be read ({error.strerror}): "
            "install it again"
        ) from error
