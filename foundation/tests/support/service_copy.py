"""A copy of the service's tree, to be broken on purpose."""

import ast
import shutil
from pathlib import Path

from carafe.testing.processes import run_in

from .checkout import IGNORED
from .places import ROOT

CLIENT = "chalicelib/contracts/client.py"


class ServiceCopy:
    """A tree like this one, in a folder of its own.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=IGNORED, dirs_exist_ok=True)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command, and return exit code and output."""
        return run_in(self.folder, "carafe", *arguments)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a text in a file, in every place."""
        file = self.folder / name
        text = file.read_text()
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new))

    def without_line(self, name: str, beginning: str) -> None:
        """Remove the one line of a file that begins with a text."""
        file = self.folder / name
        lines = file.read_text().splitlines(keepends=True)
        remaining = [each for each in lines if not each.startswith(beginning)]
        assert len(remaining) == len(lines) - 1, f"not one line of {name} begins with {beginning!r}"
        file.write_text("".join(remaining))

    def remove(self, name: str) -> None:
        """Remove a file or a folder."""
        path = self.folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()

    def append(self, name: str, text: str) -> None:
        """Add a text to the end of a file, which may be new."""
        with (self.folder / name).open("a") as file:
            file.write(text)

    def forget(self, folder: str, word: str) -> None:
        """Remove the tests below a folder that speak of something."""
        files = [each for each in (self.folder / folder).rglob("*.py") if word in each.read_text()]
        assert files, f"nothing in {folder} speaks of {word}"
        for path in files:
            path.unlink()

    def client_method(self, command: str) -> tuple[Path, ast.FunctionDef]:
        """Return the client's method that takes a command, and its file."""
        path = self.folder / CLIENT
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and command in _annotations(node):
                return path, node
        raise AssertionError(f"no method takes {command}")

    def cut(self, path: Path, first: int, last: int, instead: str = "") -> None:
        """Replace lines of a file, counted from 1."""
        lines = path.read_text().splitlines(keepends=True)
        lines[first - 1 : last] = [instead]
        path.write_text("".join(lines))


def _annotations(function: ast.FunctionDef) -> set[str]:
    kinds = [each.annotation for each in function.args.args]
    return {each.id for each in kinds if isinstance(each, ast.Name)}
