"""The project's files with what is to be added, before any of it is written."""

import contextlib
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .edits import NoPlace
from .formatting import tidied


@dataclass(frozen=True)
class Outcome:
    """What becomes of a file.

    Attributes:
        path: within the project.
        state: `new`, `extended`, `same`, or `left`: it is there already, and is another.
        text: what it is to hold.
        diff: from what it holds to what it would, a line each; for `extended` and `left`.
    """

    path: Path
    state: str
    text: str
    diff: tuple[str, ...] = ()


class Tree:
    """Collects new files and extensions; `write` makes them real.

    Args:
        root: of the project.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._new: dict[Path, str] = {}
        self._extended: dict[Path, str] = {}
        self._wanted: dict[Path, str] = {}

    def add(self, path: str, text: str) -> None:
        """Want a file of one's own; one that is there already stays as it is."""
        self._new[Path(path)] = text

    def extend(
        self, path: str, edit: Callable[[str], str], over: Callable[[str], str] | None = None
    ) -> None:
        """Want something inserted into a file that others share.

        Args:
            path: of the file.
            edit: leaves what is there as it is.
            over: the same, but puts it in the place of another one; None if it knows no other.

        Raises:
            NoPlace: the file or the place in it is missing.
        """
        file = Path(path)
        try:
            before = self.text_of(path)
            self._extended[file] = edit(before)
            self._wanted[file] = (over or edit)(self._wanted.get(file, before))
        except NoPlace as missing:
            raise NoPlace(f"{path} has no place for it, since it lacks {missing}") from None
        except OSError:
            raise NoPlace(f"{path} is missing") from None
        except (SyntaxError, UnicodeDecodeError):
            raise NoPlace(f"{path} is no Python that something can be inserted into") from None

    def text_of(self, path: str) -> str:
        """Return what a file holds, with the extensions so far."""
        file = Path(path)
        for files in (self._extended, self._new):
            if file in files:
                return files[file]
        return (self.root / file).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Return whether there is such a file, or will be."""
        return Path(path) in self._new or (self.root / path).exists()

    def outcomes(self) -> list[Outcome]:
        """Return what becomes of each file.

        Raises:
            NotPython: something that was put together cannot be read.
        """
        new = {path: self._extended.get(path, text) for path, text in self._new.items()}
        extended = {path: text for path, text in self._extended.items() if path not in new}
        added = tidied(new, self.root, compact=True)
        changed = tidied(extended, self.root, compact=False)
        outcomes = [
            *(self._outcome(path, text, "left") for path, text in added.items()),
            *(self._outcome(path, text, "extended") for path, text in changed.items()),
        ]
        others = self._other_definitions(changed)
        reported = {each.path for each in others}
        outcomes_of_code = [
            each for each in outcomes if each.state != "same" or each.path not in reported
        ]
        return outcomes_of_code + others

    def _other_definitions(self, changed: Mapping[Path, str]) -> list[Outcome]:
        """Return the shared files in which something of another content is left as it is."""
        texts = {path: text for path, text in self._wanted.items() if path in changed}
        differing = {path: text for path, text in texts.items() if text != self._extended[path]}
        return [
            Outcome(path, "left", text, _difference(path, changed[path], text))
            for path, text in tidied(differing, self.root, compact=False).items()
            if text != changed[path]
        ]

    def write(self, outcomes: Sequence[Outcome], *, over: bool = False) -> None:
        """Write new and extended files, all of them or none.

        Args:
            outcomes: of `outcomes`.
            over: also write over what would be left.

        Raises:
            OSError: one cannot be written.
        """
        written: list[tuple[Path, bytes | None]] = []
        try:
            for each in outcomes:
                if each.state in {"new", "extended"} or (over and each.state == "left"):
                    path = self.root / each.path
                    written.append((path, path.read_bytes() if path.exists() else None))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(each.text, encoding="utf-8")
        except BaseException:  # Ctrl-C as well
            for path, before in reversed(written):
                self._restore(path, before)
            raise

    def _restore(self, path: Path, before: bytes | None) -> None:
        """Make a file what it was; None if it was not there."""
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
