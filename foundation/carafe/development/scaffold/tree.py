"""A project's files and the planned changes to them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from .definitions import is_same_code, merged
from .edits import NoPlace, with_import
from .formatting import formatted
from .memory import AnyInsertion, Memory
from .outcomes import Outcome, difference


class Edit(Protocol):
    """Changes a file's text; overwriting what people have edited, or not."""

    def __call__(self, text: str, *, overwriting: bool) -> str:
        """Return the changed text."""


class Tree:
    """Collects new files and changes until `write` writes them.

    Args:
        root: of the project.
        memory: of what was generated last.
        restoring: write again what people have deleted.
    """

    def __init__(
        self, root: Path, memory: Memory | None = None, *, restoring: bool = False
    ) -> None:
        self.root = root
        self._memory = memory or Memory()
        self._restoring = restoring
        self._files: dict[str, str] = {}
        self._skeletons: dict[str, str] = {}
        self._insertions: dict[str, dict[str, AnyInsertion]] = {}
        self._removals: list[str] = []
        self._is_whole = False
        self._extended: dict[str, str] = {}
        self._overwritten: dict[str, str] = {}

    def add(self, path: str, text: str) -> None:
        """Plan a file that is generated whole; what has changed is merged into one that exists."""
        self._files[path] = text

    def ensure(self, path: str, text: str) -> None:
        """Plan a file unless it exists; from then on it is extended alone."""
        if not self.has(path):
            self._skeletons[path] = text

    def extend(self, path: str, insertion: AnyInsertion) -> None:
        """Plan an insertion into a shared file, or a change of what was inserted before.

        Raises:
            NoPlace: the file, or the place in it, is missing.
        """
        self._insertions.setdefault(path, {})[insertion.key] = insertion
        base = self._remembered(path).get(insertion.key)

        def edit(text: str, *, overwriting: bool) -> str:
            if insertion.is_in(text):
                return insertion.merge(base, text, overwriting=overwriting)
            is_deleted = base is not None and not self._restoring
            return text if is_deleted else insertion.insert(text)

        self._edit(path, edit)

    def add_import(self, path: str, line: str) -> None:
        """Plan an import; the formatter removes it again if nothing uses it.

        Raises:
            NoPlace: the file is missing.
        """
        self._edit(path, lambda text, **_: with_import(text, line))

    def remove_the_rest(self) -> None:
        """Plan the removal of what was generated before and no longer is."""
        for path in self._memory.insertions:
            for key, insertion in self._remembered(path).items():
                if key not in self._insertions.get(path, {}) and self.has(path):
                    self._edit(path, partial(_removed, insertion))
        self._removals = [path for path in self._memory.files if path not in self._files]
        self._is_whole = True

    def text_of(self, path: str) -> str:
        """Return the content of a file with the extensions so far."""
        for texts in (self._extended, self._files, self._skeletons):
            if path in texts:
                return texts[path]
        return (self.root / path).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Return whether a file exists or is planned."""
        return path in self._files or path in self._skeletons or (self.root / path).exists()

    def outcomes(self) -> list[Outcome]:
        """Return the outcome for each file.

        Raises:
            NotPython: generated code has a syntax error.
            NoPlace: a file that was generated is no longer valid Python.
        """
        texts, wanted = dict(self._extended), dict(self._overwritten)
        new = {path: texts.pop(path, text) for path, text in self._skeletons.items()}
        generated = self._formatted({**new, **self._files}, compact=True)
        self._files = {path: generated[path] for path in self._files}
        absent: list[str] = []
        for path, text in self._files.items():
            if (self.root / path).exists():
                texts[path] = self._merged(path, text, overwriting=False)
                wanted[path] = self._merged(path, text, overwriting=True)
            elif self._restoring or path not in self._memory.files:
                new[path] = text
            else:
                absent.append(path)
        outcomes = [Outcome(Path(path), "new", generated[path]) for path in new]
        outcomes += [Outcome(Path(path), "absent", generated[path]) for path in absent]
        final = self._formatted(texts)
        ideal = self._formatted(
            {each: wanted[each] for each in texts if wanted[each] != texts[each]}
        )
        for path, text in final.items():
            outcomes += self._changes(path, text, ideal.get(path, text))
        return [*outcomes, *(self._removal(path) for path in self._removals if self.has(path))]

    def memory(self, model: Mapping[str, Any]) -> Memory:
        """Return what is to be remembered after `outcomes`, with the data of the model."""
        before = Memory() if self._is_whole else self._memory
        paths = [*before.insertions, *self._insertions]
        insertions = {
            path: {each.key: each for each in before.insertions.get(path, ())}
            | self._insertions.get(path, {})
            for path in paths
        }
        return Memory(
            dict(model),
            {**before.files, **self._files},
            {path: list(each.values()) for path, each in insertions.items()},
        )

    def _remembered(self, path: str) -> dict[str, AnyInsertion]:
        return {each.key: each for each in self._memory.insertions.get(path, ())}

    def _edit(self, path: str, edit: Edit) -> None:
        with _valid_python(path, "inserted"):
            try:
                before = self.text_of(path)
                self._extended[path] = edit(before, overwriting=False)
                wanted = self._overwritten.get(path, before)
                self._overwritten[path] = edit(wanted, overwriting=True)
            except NoPlace as error:
                raise NoPlace(f"{path} has no place for it: it lacks {error}") from None
            except OSError:
                raise NoPlace(f"{path} is missing") from None

    def _formatted(self, texts: Mapping[str, str], *, compact: bool = False) -> dict[str, str]:
        files = {Path(path): text for path, text in texts.items()}
        return {
            str(path): text for path, text in formatted(files, self.root, compact=compact).items()
        }

    def _merged(self, path: str, text: str, *, overwriting: bool) -> str:
        with _valid_python(path, "merged"):
            present = (self.root / path).read_text(encoding="utf-8")
            return merged(self._memory.files.get(path), present, text, overwriting=overwriting)

    def _changes(self, path: str, text: str, wanted: str) -> Iterator[Outcome]:
        """Yield what happens to an existing file, and what is left there."""
        present = (self.root / path).read_text(encoding="utf-8")
        if text != present:
            yield Outcome(Path(path), "extended", text, difference(path, present, text))
        elif text == wanted:
            yield Outcome(Path(path), "same", text)
        if text != wanted:
            yield Outcome(Path(path), "left", wanted, difference(path, text, wanted))

    def _removal(self, path: str) -> Outcome:
        with _valid_python(path, "compared"):
            present = (self.root / path).read_text(encoding="utf-8")
            is_unedited = is_same_code(present, self._memory.files[path])
        state = "removed" if is_unedited else "left"
        return Outcome(Path(path), state, present, difference(path, present, ""))


def _removed(insertion: AnyInsertion, text: str, *, overwriting: bool) -> str:
    return insertion.remove(text, overwriting=overwriting)


@contextmanager
def _valid_python(path: str, intention: str) -> Iterator[None]:
    """Say in a line that a file is not valid Python, so that nothing can be done with it."""
    try:
        yield
    except (SyntaxError, UnicodeDecodeError):
        raise NoPlace(f"{path} is not valid Python, so that nothing can be {intention}") from None
