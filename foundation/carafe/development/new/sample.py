"""The sample: the reference service's own files.

They lie beside the foundation's source. An installed wheel has a copy, which
`foundation/hatch_build.py` adds by means of this module: therefore it and all that it imports need
the standard library alone.
"""

from collections.abc import Mapping
from pathlib import Path

from carafe.development.wheel import source_tree

from .identity import Identity

PACKAGED = Path(__file__).parent / "sample_service"

IDENTITY = Identity("Ordering", "ordering")

# The sample's own files and folders; the rest of its tree comes from the templates.
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
    """The sample is missing; the message says why."""


def sample_files() -> dict[str, str]:
    """Return the texts of the sample's files by their paths.

    Raises:
        NoSample: the sample is missing.
    """
    tree = source_tree()
    root = tree.parent if tree else PACKAGED
    files = files_below(root)
    if "app.py" not in files:
        raise NoSample(f"there is no sample in {root}: install carafe-foundation from its wheel")
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def with_sample_files(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of an empty service with the sample's own in place of their counterparts.

    Raises:
        NoSample: the sample is missing.
    """
    common = {name: text for name, text in files.items() if not _is_part(name)}
    return common | sample_files()


def files_below(root: Path) -> dict[str, Path]:
    """Return the files of the sample in a tree, by their paths in it."""
    files = {}
    for part in PARTS:
        base = root / part
        candidates = sorted(base.rglob("*")) if base.is_dir() else [base]
        for path in candidates:
            inner = path.relative_to(base).parts
            hidden = any(each.startswith((".", "__pycache__")) for each in inner)
            if path.is_file() and path.suffix in SUFFIXES and not hidden:
                files[path.relative_to(root).as_posix()] = path
    return files


def _is_part(name: str) -> bool:
    return any(name == part or name.startswith(f"{part}/") for part in PARTS)
