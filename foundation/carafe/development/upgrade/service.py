"""The git repository of the service that is upgraded."""

import os
from pathlib import Path
from urllib.parse import quote

from .contents import OTHER, content_at, put
from .errors import UpgradeFailed
from .git import READ_ONLY, GitFailed, git

MOST_NAMES = 3


def require_clean(root: Path) -> None:
    """Raise UpgradeFailed unless a service is in git, with nothing left to commit."""
    try:
        # What is not tracked counts, even if the user's settings hide it: it is not in the copy.
        words = ("status", "--porcelain", "--untracked-files=normal", "--", ".")
        lines = git(root, *words, **READ_ONLY).splitlines()
    except GitFailed as error:
        raise UpgradeFailed(
            f"the service is in no git repository that can be read ({error}): "
            "commit it to one, so that the upgrade can be compared with what was there"
        ) from error
    if lines:
        names = ", ".join(line[3:] for line in lines[:MOST_NAMES])
        more = f" and {len(lines) - MOST_NAMES} more" if len(lines) > MOST_NAMES else ""
        raise UpgradeFailed(f"there are changes ({names}{more}): commit or stash them first")
    try:
        git(root, "rev-parse", "--verify", "--quiet", "HEAD", **READ_ONLY)
    except GitFailed as error:
        raise UpgradeFailed("the repository has no commit yet: commit the service") from error


def copy_tracked(root: Path, folder: Path) -> None:
    """Copy the files that git tracks, byte by byte, without anything that it ignores.

    Args:
        root: of the service.
        folder: an empty one.
    """
    for name in git(root, "ls-files", "-z", **READ_ONLY).split("\0"):
        content = content_at(root / name) if name else None
        if content is not None and content.mode != OTHER:  # a submodule is a folder
            put(folder / name, content)


def private_folder(root: Path, name: str) -> Path:
    """Return the path of a folder among git's own files, which git neither tracks nor cleans.

    Each service of a repository has one of its own.
    """
    prefix = git(root, "rev-parse", "--show-prefix", **READ_ONLY).removesuffix("\n").strip("/")
    if prefix:
        name = f"{name}-{quote(prefix, safe='')}"
    path = git(root, "rev-parse", "--git-path", name, **READ_ONLY).removesuffix("\n")
    return Path(os.path.normpath(root / path))


def ignored(root: Path, paths: list[str]) -> list[str]:
    """Return those of some paths that git ignores, so that nobody would commit them."""
    try:
        words = ("-c", "core.quotePath=false", "check-ignore", "--", *paths)
        return git(root, *words, **READ_ONLY).splitlines()
    except GitFailed:  # there is none
        return []
