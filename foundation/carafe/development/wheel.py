"""The foundation's own wheel, made of what is installed: a service pins it, wherever it came from.

From a source tree (an editable install) it is built; from an installed wheel the same wheel is put
together again, of the files that its RECORD lists.
"""

import csv
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .zip_file import wheel_of

DISTRIBUTION = "carafe-foundation"
BACKEND = "hatchling"

LONGEST_SECONDS = 180
REASON_LENGTH = 300

# What an installer adds to a wheel's files.
OF_THE_INSTALLER = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


class WheelNotBuilt(Exception):
    """There is no wheel of the foundation; the message says why."""


def source_tree() -> Path | None:
    """Return the folder of the foundation's pyproject.toml; None if it is no editable install."""
    text = _installed().read_text("direct_url.json")
    if text is None:
        return None
    origin = json.loads(text)
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))


def build_wheel(into: Path) -> Path:
    """Make the wheel of the foundation that runs.

    Args:
        into: the folder to put it into; made if it is missing.

    Returns:
        Where the wheel is; one of its name that was there is replaced.

    Raises:
        WheelNotBuilt: with one line that says why; nothing is left in the folder.
    """
    tree = source_tree()
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=into, prefix=".wheel-") as folder:
            made = _built(tree, Path(folder)) if tree else _put_together(_installed(), Path(folder))
            return made.replace(into / made.name)
    except OSError as error:
        raise WheelNotBuilt(
            f"{error.strerror}: {error.filename or into}: the wheel of {DISTRIBUTION} goes there"
        ) from error


def _installed() -> Distribution:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError as error:
        raise WheelNotBuilt(f"{DISTRIBUTION} is not installed: run `make install`") from error


def _built(tree: Path, folder: Path) -> Path:
    """Build the wheel of a source tree."""
    # Where the backend is not there, pip fetches it into an environment of its own.
    here = ["--no-build-isolation"] if importlib.util.find_spec(BACKEND) else []
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", *here]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - pip itself
            [*command, str(tree.resolve())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WheelNotBuilt(
            f"the wheel of {tree} was not there after {LONGEST_SECONDS} s: "
            "is the package index reachable?"
        ) from None
    made = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(made) != 1:
        raise WheelNotBuilt(f"the wheel of {tree} cannot be built: {_reason(done.stderr)}")
    return made[0]


def _reason(said: str) -> str:
    """Return the line of pip's that says most."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip said nothing"])[-1].removeprefix("ERROR: ")[:REASON_LENGTH]


def _put_together(distribution: Distribution, folder: Path) -> Path:
    """Put the wheel together again that was installed."""
    contents = {path.as_posix(): _content(distribution, path) for path in _files(distribution)}
    metadata = next(name.rpartition("/")[0] for name in contents if name.endswith("/METADATA"))
    name = metadata.removesuffix(".dist-info")
    wheel = folder / f"{name}-py3-none-any.whl"
    wheel.write_bytes(wheel_of(contents, metadata))
    return wheel


def _files(distribution: Distribution) -> list[PurePosixPath]:
    """Return what was in the wheel: no bytecode, no scripts, nothing of the installer.

    `Distribution.files` leaves out, from Python 3.12 on, what is missing; RECORD does not.
    """
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    return sorted(path for row in rows if row and _is_of_the_wheel(path := PurePosixPath(row[0])))


def _is_of_the_wheel(path: PurePosixPath) -> bool:
    added = path.parent.suffix == ".dist-info" and path.name in OF_THE_INSTALLER
    return ".." not in path.parts and path.suffix != ".pyc" and not added


def _content(distribution: Distribution, path: PurePosixPath) -> bytes:
    try:
        return Path(str(distribution.locate_file(path.as_posix()))).read_bytes()
    except OSError as error:
        raise WheelNotBuilt(
            f"{path} of the installed {DISTRIBUTION} cannot be read ({error.strerror}): "
            "install it again"
        ) from error
