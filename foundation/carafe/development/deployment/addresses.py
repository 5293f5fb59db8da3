"""Requirements with an address, such as a git URL: Chalice rejects them, but accepts wheels."""

import re
import sys
import tempfile
from pathlib import Path

from .downloads import run_downloading
from .errors import PackagingFailed

REASON_LENGTH = 300
UNINFORMATIVE = {
    "error: subprocess-exited-with-error",
    "error: metadata-generation-failed",
    "ERROR: Exception:",
}

_AT_ADDRESS = re.compile(r"\s*(?P<name>[\w.-]+)\s*(?P<extras>\[[^\]]*\])?\s*@\s*\S")


def replace_addresses(requirements: str, wheels: Path) -> str:
    """Return requirements with versions in place of addresses.

    A requirement whose marker excludes this environment has no wheel, and is dropped.

    Args:
        requirements: the content of a requirements file.
        wheels: the folder for the wheels of the requirements with an address.

    Raises:
        PackagingFailed: an address has no package, or no wheel can be built from it.
    """
    lines = requirements.splitlines()
    matches = {line: match for line in lines if (match := _AT_ADDRESS.match(line))}
    if not matches:
        return requirements
    versions = _build_wheels([*matches], wheels)
    pinned = {line: _pinned(match, versions) for line, match in matches.items()}
    replaced = [pinned.get(line, line) for line in lines]
    return "\n".join(
        [f"--find-links {wheels.name}", *(line for line in replaced if line is not None)]
    )


def _pinned(match: re.Match[str], versions: dict[str, str]) -> str | None:
    """Return a requirement with its version; None if its marker kept pip from building a wheel."""
    version = versions.get(normal_name(match["name"]))
    return None if version is None else f"{match['name']}{match['extras'] or ''}=={version}"


def _build_wheels(lines: list[str], wheels: Path) -> dict[str, str]:
    """Build wheels of requirements into a folder, and return their versions by name."""
    # The folder may already hold other versions.
    with tempfile.TemporaryDirectory(dir=wheels, prefix=".addresses-") as name:
        build = Path(name)
        _run_pip_wheel(lines, build)
        versions = _versions(build)
        for wheel in build.glob("*.whl"):
            wheel.replace(wheels / wheel.name)
    return versions


def _run_pip_wheel(lines: list[str], wheels: Path) -> None:
    requirements = wheels / "addresses.txt"
    requirements.write_text("\n".join(lines))
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(wheels)]
    result = run_downloading(
        [*command, "--requirement", str(requirements)], "the packages at addresses"
    )
    requirements.unlink()
    if result.returncode != 0:
        reason = _reason(result.stderr)[:REASON_LENGTH]
        raise PackagingFailed(
            f"no wheel could be built from an address in requirements.txt: {reason}"
        )


def _reason(output: str) -> str:
    """Return the most informative line: one of git's, or else of pip's."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    informative = [line for line in lines if line not in UNINFORMATIVE]
    for prefix in ("fatal: ", "error: ", "ERROR: "):
        for line in informative:
            if line.startswith(prefix):
                return line.removeprefix(prefix)
    return informative[-1] if informative else "no reason given"


def _versions(wheels: Path) -> dict[str, str]:
    """Return the versions of the wheels in a folder, by name."""
    stems = [each.name.split("-") for each in wheels.glob("*.whl")]
    return {normal_name(name): version for name, version, *_ in stems}


def normal_name(name: str) -> str:
    """Return the normalized name of a package, equal for all its spellings."""
    return re.sub(r"[-_.]+", "-", name).lower()
