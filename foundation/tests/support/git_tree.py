"""A service's tree with a git history."""

from pathlib import Path

from .commands import output_of

IDENTITY = ("-c", "user.name=Team", "-c", "user.email=team@example.com")


class GitTree:
    """A folder that is a git repository.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *words: str) -> str:
        """Run git, and return its output."""
        return output_of(self.folder, "git", *IDENTITY, *words)

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "so far")

    def status(self) -> str:
        """Return what is not committed."""
        return self.git("status", "--porcelain")
