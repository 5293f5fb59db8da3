"""The service's files, and what they import."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOMS = ("domain", "contracts", "infrastructure", "api")


def files_of(root: Path, room: str) -> list[Path]:
    """Return the files of a room of `chalicelib`, or those of one of its modules."""
    return sorted((root / "chalicelib" / room).rglob("*.py"))


def deployed(root: Path) -> list[Path]:
    """Return every file that is deployed."""
    return [root / "app.py", *sorted((root / "chalicelib").rglob("*.py"))]


def is_client(path: Path) -> bool:
    """Tell whether a file is, or is a part of, the service's client."""
    return path.stem == "client" or path.parent.name == "client"


def imports(root: Path, path: Path) -> Iterator[str]:
    """Yield the full name of everything that a file imports, wherever in the file."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def third_party(root: Path, paths: Iterable[Path]) -> set[str]:
    """Return the packages that files import, the service's and the foundation's aside."""
    tops = {name.partition(".")[0] for path in paths for name in imports(root, path)}
    return tops - sys.stdlib_module_names - {"app", "carafe", "chalicelib"}
