"""The copy of a service in which an upgrade takes place, with a git repository of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .contents import Content
from .git import ISOLATED, git, git_bytes

# Bytes are bytes here: no ends of lines are converted, and nothing is filtered.
ATTRIBUTES = "* -text -filter -ident -working-tree-encoding\n"

# Whatever the service's .gitignore says, these are no part of it.
EXCLUDED = ".venv/\n.local/\n.env\n__pycache__/\n"

BEFORE, AFTER = "refs/carafe/before", "refs/carafe/after"

SETTINGS = """
[core]
	autocrlf = false
	fileMode = true
	quotePath = false
[merge]
	conflictStyle = diff3
	directoryRenames = true
"""

NOTHING = "0" * 6
"""The mode of what is not there, as git writes it."""


class Change(NamedTuple):
    """A path that differs between two commits.

    Attributes:
        path: in the tree.
        before: what was there; None for nothing.
        after: what is there then; None for nothing.
    """

    path: str
    before: Content | None
    after: Content | None


class Copy:
    """A tree with a repository of its own.

    Args:
        folder: of the tree.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, **variables: str) -> str:
        """Call git, which heeds no setting of the user, and return its output."""
        return git(self.folder, *arguments, **ISOLATED, **variables)

    def begin(self) -> None:
        """Make the repository, and commit the tree as it is."""
        self.git("init", "--quiet", "--template=")
        with (self.folder / ".git" / "config").open("a") as file:
            file.write(SETTINGS)
        information = self.folder / ".git" / "info"
        information.mkdir(exist_ok=True)
        (information / "attributes").write_text(ATTRIBUTES)
        (information / "exclude").write_text(EXCLUDED)
        # Forced: what the service tracks may be ignored as well.
        self.git("add", "--all", "--force")
        self.mark(BEFORE, self.commit("the service"))

    def commit(self, message: str) -> str:
        """Commit what is there, apart from what is ignored, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def mark(self, reference: str, commit: str) -> None:
        """Let a reference name a commit."""
        self.git("update-ref", reference, commit)

    def commit_of(self, folder: Path, message: str, *parents: str) -> str:
        """Return a commit of another folder's files; the tree stays as it is."""
        index = {"GIT_INDEX_FILE": str(self.folder / ".git" / "index.other")}
        (self.folder / ".git" / "index.other").unlink(missing_ok=True)
        self.git(f"--work-tree={folder}", "add", "--all", "--force", ".", **index)
        tree = self.git("write-tree", **index).strip()
        options = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *options, "-m", message).strip()

    def reset(self) -> None:
        """Take back everything since the last commit."""
        self.git("reset", "--quiet", "--hard")
        self.git("clean", "--quiet", "-d", "--force")


def changes(repository: Path) -> list[Change]:
    """Return what differs between BEFORE and AFTER.

    Args:
        repository: the folder of a copy, or the repository that is left of one.
    """
    return list(_changes(repository))


def _changes(repository: Path) -> Iterator[Change]:
    words = ("diff-tree", "-r", "-z", "--no-renames", BEFORE, AFTER)
    fields = git(repository, *words, **ISOLATED).split("\0")
    for entry, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old_blob, new_blob, _ = entry.removeprefix(":").split()
        yield Change(
            path,
            _content(repository, old_mode, old_blob),
            _content(repository, new_mode, new_blob),
        )


def _content(repository: Path, mode: str, blob: str) -> Content | None:
    if mode == NOTHING:
        return None
    return Content(mode, git_bytes(repository, "cat-file", "blob", blob, **ISOLATED))
