"""The wheels of the foundation: fetched by pip, which knows where they are."""

import hashlib
import re
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from carafe.development.bounded_run import run_within
from carafe.development.wheel import DISTRIBUTION

from .errors import UpgradeFailed
from .requirements import index_options
from .versions import parsed

LONGEST_SECONDS = 300

WHEEL_NAME = re.compile(r"carafe_foundation-(?P<version>[^-]+)-.+\.whl", re.IGNORECASE)
VERSIONS = re.compile(r"\(from versions: ([^)]*)\)")
NO_CONNECTION = re.compile(r"Retrying \(|Could not fetch URL|ConnectionError")

# In the service, as long as its index does not have the foundation.
IN_SERVICE = "wheels"


class Wheel(NamedTuple):
    """A wheel of the foundation.

    Attributes:
        path: of the file.
        version: of the foundation.
        digest: its SHA-256, in hexadecimal.
    """

    path: Path
    version: str
    digest: str

    @classmethod
    def at(cls, path: Path) -> "Wheel":
        """Return the wheel in a file."""
        match = WHEEL_NAME.fullmatch(path.name)
        if match is None:
            raise UpgradeFailed(f"{path.name} is no wheel of {DISTRIBUTION}")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path, match["version"], digest)

    def has(self, version: str) -> bool:
        """Return whether a version is this wheel's, however it is written: 1.1 is 1.1.0."""
        return parsed(self.version) == parsed(version)

    def unpack(self, folder: Path) -> Path:
        """Unpack it into a folder, and return the folder."""
        with zipfile.ZipFile(self.path) as archive:
            archive.extractall(folder)
        return folder


def wheels_of(root: Path) -> list[Path]:
    """Return the wheels of the foundation that a service keeps itself."""
    return sorted(each for each in (root / IN_SERVICE).glob("*") if WHEEL_NAME.fullmatch(each.name))


def fetch(root: Path, version: str | None, into: Path, find_links: Path | None = None) -> Wheel:
    """Fetch a wheel as pip finds it: in the service, in folders and indexes that pip knows.

    Args:
        root: of the service.
        version: the wanted one; None for the latest.
        into: the folder for the wheel.
        find_links: a further folder of wheels.

    Raises:
        UpgradeFailed: there is no such version, or the index cannot be reached.
    """
    own = [wheel for wheel in map(Wheel.at, wheels_of(root)) if version and wheel.has(version)]
    if own:
        return own[0]
    wanted = DISTRIBUTION if version is None else f"{DISTRIBUTION}=={version}"
    folders = ["--find-links", str(find_links)] if find_links else []
    options = ["--no-deps", "--only-binary", ":all:", "--dest", str(into), "--quiet"]
    options += ["--no-input", "--disable-pip-version-check"]
    _pip(root, "download", *options, *folders, *index_options(root), wanted)
    fetched = [each for each in into.glob("*.whl") if WHEEL_NAME.fullmatch(each.name)]
    wheels = [wheel for wheel in map(Wheel.at, fetched) if version is None or wheel.has(version)]
    if len(wheels) != 1:
        raise UpgradeFailed(f"pip fetched no wheel of {wanted}: look for it with `pip download`")
    return wheels[0]


def _pip(root: Path, *words: str) -> None:
    late = UpgradeFailed(
        f"pip did not find {words[-1]} within {LONGEST_SECONDS} s: is the index reachable?"
    )
    command = [sys.executable, "-m", "pip", *words]
    result = run_within(LONGEST_SECONDS, command, late, folder=root)
    if result.returncode != 0:
        raise UpgradeFailed(_reason(result.stderr, words[-1]))


def _reason(output: str, wanted: str) -> str:
    """Return a sentence about a failure of pip."""
    if NO_CONNECTION.search(output):
        return (
            f"{wanted} cannot be fetched, since the package index is out of reach: "
            "try again later, or name a folder of wheels with --find-links"
        )
    if found := VERSIONS.search(output):
        versions = found[1] if found[1] not in {"", "none"} else "none at all"
        return f"there is no {wanted} for this Python where pip looks; it finds {versions}"
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it gave no reason"]
    return f"pip cannot fetch {wanted}: {lines[-1].removeprefix('ERROR: ')}"
