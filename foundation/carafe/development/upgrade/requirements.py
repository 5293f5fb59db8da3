"""The lines of a service's requirements that pin the foundation."""

import re
from pathlib import Path

from .errors import UpgradeFailed

FILES = "requirements*.txt"

# A logical line: its end may be continued on the next one, where pip-compile writes hashes.
PIN = re.compile(
    r"^(?P<name>carafe[-_.]foundation[ \t]*(?:\[[^\]\n]*\])?[ \t]*==[ \t]*)"
    r"(?P<version>[^\s;#\\,]+)(?P<rest>(?:\\\r?\n|[^\r\n\\])*)",
    re.IGNORECASE | re.MULTILINE,
)
UNPINNED = re.compile(r"^carafe[-_.]foundation\b", re.IGNORECASE | re.MULTILINE)
HASHES = re.compile(r"--hash=\S+(?:(?:[ \t]|\\\r?\n)+--hash=\S+)*")

# Where pip looks for packages; it reads these lines of requirements.txt as options.
INDEX_OPTION = re.compile(
    r"^(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--no-index)"
    r"(?:[ \t=]+(\S+))?[ \t]*\r?$",
    re.MULTILINE,
)


def pinned_version(root: Path) -> str:
    """Return the version of the foundation that a service pins.

    Raises:
        UpgradeFailed: it pins none, or several.
    """
    pins = {
        match["version"]: path.name for path in _files(root) for match in PIN.finditer(_text(path))
    }
    if len(pins) > 1:
        named = " and ".join(f"{name} {version}" for version, name in sorted(pins.items()))
        raise UpgradeFailed(f"the foundation's versions differ ({named}): name the same in each")
    if not pins:
        raise UpgradeFailed(_without_pin(root))
    return next(iter(pins))


def _without_pin(root: Path) -> str:
    for path in _files(root):
        if UNPINNED.search(_text(path)):
            return (
                f"{path.name} names carafe-foundation without a version: "
                "pin it, as in carafe-foundation[service]==1.0.0"
            )
    return f"no {FILES} here names carafe-foundation: pin it in requirements.txt"


def move_pins(root: Path, version: str, digest: str) -> None:
    """Let a service pin another version.

    Args:
        root: of the service.
        version: the new one.
        digest: SHA-256 of its wheel, in hexadecimal; written where hashes are pinned.
    """

    def moved(match: re.Match[str]) -> str:
        rest = HASHES.sub(f"--hash=sha256:{digest}", match["rest"])
        return f"{match['name']}{version}{rest}"

    for path in _files(root):
        text = _text(path)
        if (new_text := PIN.sub(moved, text)) != text:
            path.write_text(new_text, encoding="utf-8", newline="")


def index_options(root: Path) -> list[str]:
    """Return where a service's requirements.txt lets pip look for packages, as pip's options."""
    path = root / "requirements.txt"
    if not path.exists():
        return []
    found = INDEX_OPTION.findall(_text(path))
    return [word for option, value in found for word in (option, value) if word]


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.glob(FILES) if path.is_file())


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()
