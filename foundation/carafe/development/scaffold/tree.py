"""The project's files and the planned changes to them."""

import contextlib
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .edits import NoPlace
from .formatting import formatted


@dataclass(frozen=True)
class Outcome:
    """The outcome for one file.

    Attributes:
        path: within the project.
        state: `new`, `extended`, `same`, or `left`: it exists, differs, and is not changed.
        text: the planned content.
        diff: lines of the difference from the present to the planned content; for `extended` and
            `left`.
    """

    path: Path
    state: str
    text: str
    diff: tuple[str, ...] = ()


class Tree:
    """Collects new files and extensions until `write` writes them.

    Args:
        root: of the project.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._new: dict[Path, str] = {}
        self._extended: dict[Path, str] = {}
        self._overwritten: dict[Path, str] = {}

    def add(self, path: str, text: str) -> None:
        """Plan a new file; an existing file is not changed."""
        self._new[Path(path)] = text

    def extend(
        self,
        path: str,
        edit: Callable[[str], str],
        overwriting_edit: Callable[[str], str] | None = None,
    ) -> None:
        """Plan an insertion into a shared file.

        Args:
            path: of the file.
            edit: inserts without changing what exists.
            overwriting_edit: the same, but replaces an existing definition of the same name; None
                if nothing can be replaced.

        Raises:
            NoPlace: the file, or the place in it, is missing.
        """
        file = Path(path)
        try:
            before = self.text_of(path)
            self._extended[file] = edit(before)
            self._overwritten[file] = (overwriting_edit or edit)(
                self._overwritten.get(file, before)
            )
        except NoPlace as error:
            raise NoPlace(f"{path} has no place for it: it lacks {error}") from None
        except OSError:
            raise NoPlace(f"{path} is missing") from None
        except (SyntaxError, UnicodeDecodeError):
            raise NoPlace(f"{path} is not valid Python, so that nothing can be inserted") from None

    def text_of(self, path: str) -> str:
        """Return the content of a file with the extensions so far."""
        file = Path(path)
        for files in (self._extended, self._new):
            if file in files:
                return files[file]
        return (self.root / file).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Return whether a file exists or is planned."""
        return Path(path) in self._new or (self.root / path).exists()

    def outcomes(self) -> list[Outcome]:
        """Return the outcome for each file.

        Raises:
            NotPython: generated code has a syntax error.
        """
        new = {path: self._extended.get(path, text) for path, text in self._new.items()}
        extended = {path: text for path, text in self._extended.items() if path not in new}
        new_files = formatted(new, self.root, compact=True)
        shared_files = formatted(extended, self.root, compact=False)
        outcomes = [
            *(self._outcome(path, text, "left") for path, text in new_files.items()),
            *(self._outcome(path, text, "extended") for path, text in shared_files.items()),
        ]
        conflicts = self._conflicts(shared_files)
        conflict_paths = {each.path for each in conflicts}
        remaining = [
            each for each in outcomes if each.state != "same" or each.path not in conflict_paths
        ]
        return remaining + conflicts

    def _conflicts(self, shared_files: Mapping[Path, str]) -> list[Outcome]:
        """Return the shared files that keep a definition that differs from the planned one."""
        texts = {path: text for path, text in self._overwritten.items() if path in shared_files}
        conflicts = {path: text for path, text in texts.items() if text != self._extended[path]}
        return [
            Outcome(path, "left", text, _difference(path, shared_files[path], text))
            for path, text in formatted(conflicts, self.root, compact=False).items()
            if text != shared_files[path]
        ]

    def write(self, outcomes: Sequence[Outcome], *, overwrite: bool = False) -> None:
        """Write new and extended files, all of them or none.

        Args:
            outcomes: of `outcomes`.
            overwrite: also replace files whose state is `left`.

        Raises:
            OSError: one cannot be written.
        """
        originals: list[tuple[Path, bytes | None]] = []
        try:
            for each in outcomes:
                if each.state in {"new", "extended"} or (overwrite and each.state == "left"):
                    path = self.root / each.path
                    originals.append((path, path.read_bytes() if path.exists() else None))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(each.text, encoding="utf-8")
        except BaseException:  # Ctrl-C as well
            for path, before in reversed(originals):
                self._restore(path, before)
            raise

    def _restore(self, path: Path, before: bytes | None) -> None:
        """Restore a file's content; None removes the file, with the folders that are then empty."""
        with contextlib.suppress(OSError):
            if before is not None:
                path.write_bytes(before)
                return
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or any(folder.iterdir()):
                    return
                folder.rmdir()

    def _outcome(self, path: Path, text: str, otherwise: str) -> Outcome:
        file = self.root / path
        if not file.exists():
            return Outcome(path, "new", text)
        present = file.read_text(encoding="utf-8")
        if present == text:
            return Outcome(path, "same", text)
        return Outcome(path, otherwise, text, _difference(path, present, text))


def _difference(path: Path, before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2
    )
    return tuple(lines)
