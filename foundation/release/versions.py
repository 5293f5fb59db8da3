"""The version: one number, wherever it is written."""

import re
from collections.abc import Iterator
from pathlib import Path

from .checkout import NotReleased

HOME = Path("foundation/carafe/__init__.py")
PINS = re.compile(
    r"carafe-foundation(?:\[[a-z,]+\])?==(?P<required>\d[\w.]*)"
    r"|^\[tool\.carafe\].*\nversion = \"(?P<made_with>.+)\"",
    re.MULTILINE,
)
"""What a service requires, and what its tree was made with."""

WRITTEN_IN = {".txt", ".toml", ".md", ".yml", ".yaml"}

# They tell the past, or are about wheels of their own.
ELSEWHERE = ("CHANGELOG.md", "memory-bank/", "foundation/tests/", "foundation/docs/from-")

Version = tuple[int, int, int]


def version_of(tree: Path) -> str:
    """Return the version of an exported tree.

    Raises:
        NotReleased: it is not of the form MAJOR.MINOR.PATCH.
    """
    text = (tree / HOME).read_text("utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    parsed(version)
    return str(version)


def parsed(version: str) -> Version:
    """Return the numbers of a version.

    Raises:
        NotReleased: it is not of the form MAJOR.MINOR.PATCH.
    """
    match = re.fullmatch(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", version)
    if match is None:
        raise NotReleased(f"{HOME}: {version!r} is not of the form MAJOR.MINOR.PATCH")
    major, minor, patch = map(int, match.groups())
    return major, minor, patch


def faults(tree: Path, tag: str | None = None) -> list[str]:
    """Return where another version is written.

    Args:
        tree: the exported commit.
        tag: of the release, where it is known: `v` and the version.
    """
    version = version_of(tree)
    found = [
        f"{place}: says {pinned}, and {HOME} {version}"
        for place, pinned in _pins(tree)
        if pinned != version
    ]
    if tag is not None and tag != f"v{version}":
        found.append(f"the tag is {tag}, and {HOME} says {version}: it has to be v{version}")
    return found


def _pins(tree: Path) -> Iterator[tuple[str, str]]:
    """Yield each place where a version of the foundation is written, and the version."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.suffix not in WRITTEN_IN or name.startswith(ELSEWHERE) or not path.is_file():
            continue
        text = path.read_text("utf-8")
        for match in PINS.finditer(text):
            number = text.count("\n", 0, match.end()) + 1
            yield f"{name}:{number}", match["required"] or match["made_with"]
