"""What the architecture's tests read: the package's own source files, and what they import."""

from collections.abc import Iterator
from pathlib import Path

from carafe.testing.suites import sources

from .places import FOUNDATION

PACKAGE = FOUNDATION / "carafe"

RUNTIME = ("domain", "contracts", "infrastructure", "api", "client")
"""The packages that are deployed."""

TOOLS = ("testing", "development")
"""Those that never are."""


def python_files(*packages: str) -> list[Path]:
    """Return the modules of some packages of the foundation."""
    return sorted(path for each in packages for path in (PACKAGE / each).rglob("*.py"))


def every_python_file() -> list[Path]:
    """Return every module of the foundation."""
    return sorted(PACKAGE.rglob("*.py"))


def module_of(path: Path) -> str:
    """Return the name by which a file is imported."""
    parts = path.relative_to(FOUNDATION).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, wherever in the file."""
    return sources.imports(FOUNDATION, path)
