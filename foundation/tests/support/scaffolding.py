"""Services that `carafe scaffold` extends, and the commands typed in them."""

import io
import os
import sys
import tokenize
from collections.abc import Mapping
from pathlib import Path

from .commands import output_of
from .git_tree import GitTree

IS_WHOLE = "WHOLE" in os.environ

# Half the time of a repository's tests, and of nothing that is generated: many who write at once,
# commands by the hundred. The lending desk and the reference service are put to them.
OF_ANY_REPOSITORY = (
    "repository and not who_take_it and"
    " (at_once or remembered or while_others or a_hundred or many_set or who_remove)"
)

DIAGRAMS_OF_A_MODEL = ("domain.md", "events.md", "behaviors.md")


class Service(GitTree):
    """A service's tree, whose tests run on servers that are there already.

    Args:
        folder: where it lies.
        servers: what TEST_SERVERS lends to the service's own tests; by default they start theirs.
    """

    def __init__(self, folder: Path, servers: str = "{}") -> None:
        super().__init__(folder)
        self._servers = servers

    def clone(self, folder: Path) -> "Service":
        """Return a clone of what is committed."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return Service(folder, self._servers)

    def run(self, *words: str, expected: int = 0, below: str = ".") -> str:
        """Run a Python module in the tree, and return its output."""
        command = (sys.executable, "-m", *words)
        folder = self.folder / below
        return output_of(folder, *command, expected=expected, TEST_SERVERS=self._servers)

    def run_tests(self, *words: str) -> None:
        """Run the tests; those that say the same of every repository only with WHOLE=1."""
        chosen = () if IS_WHOLE else ("-k", f"not ({OF_ANY_REPOSITORY})")
        self.run("pytest", "-q", *chosen, *words)

    def run_new_tests(self, before: Mapping[str, str]) -> None:
        """Run the tests that were not there before."""
        self.run_tests(*(each for each in self.code().keys() - before if "test_" in each))

    def require_clean_code(self) -> None:
        """Fail unless style and types are as they should be."""
        self.run("ruff", "check", ".")
        self.run("mypy")

    def code(self) -> dict[str, str]:
        """Return the service's Python, by path."""
        names = self.git("ls-files", "--cached", "--others", "--exclude-standard", "*.py").split()
        files = {each: self.folder / each for each in names}
        return {name: file.read_text() for name, file in files.items() if file.exists()}

    def with_example(self) -> "Service":
        """Write the example as the model."""
        (self.folder / "model.yaml").write_text(self.run("carafe", "discover", "--example"))
        return self

    def edit(self, path: str, *edits: tuple[str, str]) -> None:
        """Replace texts that stand once in a file."""
        file = self.folder / path
        text = file.read_text()
        for old, new in edits:
            assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
            text = text.replace(old, new)
        file.write_text(text)

    def diagrams(self) -> list[str]:
        """Return the diagrams that a model has."""
        return [(self.folder / "diagrams" / each).read_text() for each in DIAGRAMS_OF_A_MODEL]


def rewritten_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return the files that lost code, or have it in another order; additions do not count."""
    return [path for path, text in before.items() if not _is_within(text, after[path])]


def _is_within(before: str, after: str) -> bool:
    left = iter(_tokens(after))
    return all(each in left for each in _tokens(before))


def _tokens(text: str) -> list[str]:
    """Return the tokens of code, and the words of longer ones."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [word for each in tokens for word in each.string.split()]
