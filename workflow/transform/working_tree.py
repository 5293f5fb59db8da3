"""The files that git knows, and what becomes of them."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class NotClean(Exception):
    """The tree cannot be changed as a whole; the message says what to do."""


def require_clean(root: Path) -> None:
    """Refuse a tree in which something would get mixed up with what is about to change.

    Raises:
        NotClean: it is no git repository, or has changes that are not committed.
    """
    status = _git(root, "status", "--porcelain")
    if status:
        count = len(status.splitlines())
        raise NotClean(
            f"{count} files have changes that are not committed (git status): commit or stash "
            "them, so that this change stands alone and can be taken back"
        )


def read(root: Path) -> dict[str, str]:
    """Return the tracked text files by their paths.

    Raises:
        NotClean: it is no git repository.
    """
    files = {}
    for path in _git(root, "ls-files", "-z").split("\0"):
        if path and (root / path).is_file():
            try:
                files[path] = (root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture has no names in it
    return files


@dataclass(frozen=True)
class Plan:
    """What becomes of the files.

    Attributes:
        before: text by path.
        after: the same.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def removed(self) -> list[str]:
        """The paths that are no more."""
        return sorted(self.before.keys() - self.after.keys())

    @property
    def written(self) -> list[str]:
        """The paths that are new, or hold something else."""
        return sorted(path for path in self.after if self.after[path] != self.before.get(path))

    def apply(self, root: Path) -> None:
        """Make it so.

        Raises:
            OSError: a file cannot be written; `git add -A && git reset --hard`
                takes back what was.
        """
        for path in self.removed:
            (root / path).unlink()
            _remove_empty(root, (root / path).parent)
        for path in self.written:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(self.after[path], encoding="utf-8")


def _remove_empty(root: Path, folder: Path) -> None:
    while folder != root and not [each for each in folder.iterdir() if each.name != "__pycache__"]:
        for each in folder.rglob("*.pyc"):
            each.unlink()
        for each in folder.glob("__pycache__"):
            each.rmdir()
        folder.rmdir()
        folder = folder.parent


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - git itself
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotClean(
            "this is no git repository: clone one, or run `git init` and commit"
        ) from error
    return done.stdout
