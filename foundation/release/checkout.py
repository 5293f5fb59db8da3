"""The commit that is released, exported from the repository."""

import io
import subprocess
import tarfile
from pathlib import Path

SHOWN = 3


class NotReleased(Exception):
    """The release cannot be made; the message says why in one line."""


class Checkout:
    """A git repository, whose newest commit is released.

    Args:
        root: its top folder.

    Raises:
        NotReleased: the folder is not the top of a repository with a commit.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        top = self._git("rev-parse", "--show-toplevel", "--verify", "HEAD").splitlines()[0]
        if Path(top).resolve() != root.resolve():
            raise NotReleased(f"{root} is not the top of a git repository: release from a clone")

    @property
    def commit_time(self) -> int:
        """When the commit was made, in seconds since 1970."""
        return int(self._git("log", "-1", "--format=%ct"))

    def require_clean(self) -> None:
        """Refuse a tree whose files are not those of the commit.

        Raises:
            NotReleased: something is changed, or not added; the message names the first files.
        """
        changes = [line[3:] for line in self._git("status", "--porcelain").splitlines()]
        if changes:
            more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
            raise NotReleased(
                f"the tree differs from its commit in {', '.join(changes[:SHOWN])}{more}: "
                "commit or remove these first"
            )

    def export(self, into: Path) -> Path:
        """Write the commit's files into a new folder, and return it."""
        archive = self._run("archive", "--format=tar", "HEAD").stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            opened.extractall(into, filter="data")
        return into

    def _git(self, *words: str) -> str:
        return self._run(*words).stdout.decode()

    def _run(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(  # noqa: S603 - git itself
                ["git", "-C", str(self.root), *words],  # noqa: S607 - the one that is installed
                capture_output=True,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode().strip().splitlines()
            raise NotReleased(f"git {words[0]} failed: {reason[0] if reason else error}") from error
