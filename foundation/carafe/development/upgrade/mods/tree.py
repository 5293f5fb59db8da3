"""The tree of a service, as code mods see it."""

import os
from collections.abc import Iterator
from pathlib import Path

# Not the service's code: environments, data, builds.
LEFT_OUT = frozenset({".venv", ".local", ".git", "build", "__pycache__"})


class ServiceTree:
    """The files of a service, which a mod reads and writes as text.

    Args:
        root: of the service.

    Attributes:
        changed: the paths that were written.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.changed: set[str] = set()

    def paths(self, pattern: str = "*.py") -> list[str]:
        """Return the paths of the files that match a pattern; by default, those of all Python."""
        return sorted(path.as_posix() for path in self._files() if path.match(pattern))

    def read(self, path: str) -> str:
        """Return the text of a file. The ends of its lines are as they are."""
        with self._within(path).open(encoding="utf-8", newline="") as file:
            return file.read()

    def write(self, path: str, text: str) -> None:
        """Write a file, which may be new; nothing happens if it has this text."""
        target = self._within(path)
        if target.exists() and self.read(path) == text:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
        self.changed.add(path)

    def remove(self, path: str) -> None:
        """Remove a file."""
        self._within(path).unlink()
        self.changed.add(path)

    def _within(self, path: str) -> Path:
        target = self._root / path
        if not target.resolve().is_relative_to(self._root.resolve()):
            raise ValueError(f"{path} is outside of the service")
        return target

    def _files(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self._root):
            folders[:] = [each for each in folders if each not in LEFT_OUT]
            yield from (Path(folder, name).relative_to(self._root) for name in names)
