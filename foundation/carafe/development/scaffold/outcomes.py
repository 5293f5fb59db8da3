"""What happens to the files of a project."""

import contextlib
import difflib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """The outcome for one file.

    Attributes:
        path: within the project.
        state: `new`, `extended`, `removed`, `same`; `left`: what people and the model changed in
            the same place is not changed; or `absent`: people have deleted it.
        text: the planned content.
        diff: lines of the difference from the present to the planned content; for `left`, from
            what will be there to what the model says.
    """

    path: Path
    state: str
    text: str
    diff: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether the file changes."""
        return self.state in {"new", "extended", "removed"}


def write(root: Path, outcomes: Sequence[Outcome], *, overwrite: bool = False) -> None:
    """Write, change and remove files, all of them or none.

    Args:
        root: of the project.
        outcomes: for its files.
        overwrite: also write what is `left`.

    Raises:
        OSError: one cannot be written.
    """
    originals: list[tuple[Path, bytes | None]] = []
    try:
        for each in outcomes:
            if each.is_change or (overwrite and each.state == "left"):
                path = root / each.path
                originals.append((path, path.read_bytes() if path.exists() else None))
                if each.state == "removed":
                    _remove(path, root)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(each.text, encoding="utf-8")
    except BaseException:  # Ctrl-C as well
        for path, before in reversed(originals):
            _restore(path, before, root)
        raise


def difference(path: str, before: str, after: str) -> tuple[str, ...]:
    """Return the lines of the difference between two texts of a file."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2
    )
    return tuple(lines)


def _restore(path: Path, before: bytes | None, root: Path) -> None:
    """Restore a file's content; None removes the file."""
    with contextlib.suppress(OSError):
        if before is None:
            _remove(path, root)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before)


def _remove(path: Path, root: Path) -> None:
    """Remove a file, with the folders that are then empty."""
    if not path.exists():
        return
    path.unlink()
    for folder in path.parents:
        if folder == root or any(each.name != "__pycache__" for each in folder.iterdir()):
            return
        shutil.rmtree(folder)
