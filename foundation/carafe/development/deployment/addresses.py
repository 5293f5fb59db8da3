"""Requirements that name an address, such as one of git: Chalice takes none, but wheels it does."""

import re
import sys
import tempfile
from pathlib import Path

from .downloads import run_downloading
from .errors import PackagingFailed

REASON_LENGTH = 300
SAYS_NOTHING = {
    "error: subprocess-exited-with-error",
    "error: metadata-generation-failed",
    "ERROR: Exception:",
}

_AT_ADDRESS = re.compile(r"\s*(?P<name>[\w.-]+)\s*(?P<extras>\[[^\]]*\])?\s*@\s*\S")


def without_addresses(requirements: str, wheels: Path) -> str:
    """Return requirements in which versions stand instead of addresses.

    Args:
        requirements: the lines of a requirements file.
        wheels: the folder where the wheel of each one at an address is put.

    Raises:
        PackagingFailed: something is not at its address, or makes no wheel.
    """
    lines = requirements.splitlines()
    found = {line: match for line in lines if (match := _AT_ADDRESS.match(line))}
    if not found:
        return requirements
    versions = _provided([*found], wheels)
    pinned = {
        line: f"{match['name']}{match['extras'] or ''}=={versions[normal_name(match['name'])]}"
        for line, match in found.items()
    }
    return "\n".join([f"--find-links {wheels.name}", *(pinned.get(line, line) for line in lines)])


def _provided(lines: list[str], wheels: Path) -> dict[str, str]:
    """Put the wheels of requirements into a folder, and return their versions by name."""
    # Other versions of the same names may lie in the folder already.
    with tempfile.TemporaryDirectory(dir=wheels, prefix=".addresses-") as name:
        made = Path(name)
        _build(lines, made)
        versions = _versions(made)
        for wheel in made.glob("*.whl"):
            wheel.replace(wheels / wheel.name)
    return versions


def _build(lines: list[str], wheels: Path) -> None:
    named = wheels / "addresses.txt"
    named.write_text("\n".join(lines))
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(wheels)]
    done = run_downloading([*command, "--requirement", str(named)], "what addresses name was")
    named.unlink()
    if done.returncode != 0:
        reason = _reason(done.stderr)[:REASON_LENGTH]
        raise PackagingFailed(
            f"no wheel could be had from an address in requirements.txt: {reason}"
        )


def _reason(said: str) -> str:
    """Return the line that says most: one of git's, or else of pip's."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line not in SAYS_NOTHING]
    for sign in ("fatal: ", "error: ", "ERROR: "):
        for line in telling:
            if line.startswith(sign):
                return line.removeprefix(sign)
    return telling[-1] if telling else "no reason given"


def _versions(wheels: Path) -> dict[str, str]:
    """Return the versions of the wheels in a folder, by name."""
    stems = [each.name.split("-") for each in wheels.glob("*.whl")]
    return {normal_name(name): version for name, version, *_ in stems}


def normal_name(name: str) -> str:
    """Return a name as all its spellings have it."""
    return re.sub(r"[-_.]+", "-", name).lower()
