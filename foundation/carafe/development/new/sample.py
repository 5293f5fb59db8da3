"""The sample: the reference service's own files, as they stand beside the foundation.

An installed wheel has a copy of them, which `foundation/hatch_build.py` puts into it with this
module: all that it imports needs the standard library alone.
"""

from collections.abc import Mapping
from pathlib import Path

from carafe.development.wheel import source_tree

from .identity import Identity

PACKAGED = Path(__file__).parent / "sample_service"

IDENTITY = Identity("Ordering", "ordering")

# What is the sample's own; the rest of its tree is made of the templates.
PARTS = (
    "app.py",
    ".env.example",
    ".chalice/config.json",
    ".chalice/policies",
    "chalicelib",
    "diagrams",
    "local",
    "memory-bank/progress.md",
    "tests",
)

SUFFIXES = frozenset({".example", ".json", ".md", ".py", ".sh"})


class NoSample(Exception):
    """The sample is not there; the message says why."""


def sample() -> dict[str, str]:
    """Return the sample's files by their paths.

    Raises:
        NoSample: the foundation came without it.
    """
    tree = source_tree()
    root = tree.parent if tree else PACKAGED
    files = files_below(root)
    if "app.py" not in files:
        raise NoSample(f"there is no sample in {root}: install carafe-foundation from its wheel")
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def over(files: Mapping[str, str]) -> dict[str, str]:
    """Return a service's files with the sample's own in the place of those of an empty service.

    Raises:
        NoSample: the foundation came without it.
    """
    kept = {name: text for name, text in files.items() if not _is_part(name)}
    return kept | sample()


def files_below(root: Path) -> dict[str, Path]:
    """Return the files of the sample in a tree, by their paths in it."""
    found = {}
    for part in PARTS:
        place = root / part
        candidates = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in candidates:
            inner = path.relative_to(place).parts
            hidden = any(each.startswith((".", "__pycache__")) for each in inner)
            if path.is_file() and path.suffix in SUFFIXES and not hidden:
                found[path.relative_to(root).as_posix()] = path
    return found


def _is_part(name: str) -> bool:
    return any(name == part or name.startswith(f"{part}/") for part in PARTS)
