"""The git history of a new service: its first commit."""

import os
import shutil
import subprocess
from pathlib import Path

BRANCH = "main"
FALLBACK_AUTHOR = ("-c", "user.name=Carafe", "-c", "user.email=carafe@localhost")

# Git sets them for its hooks; they would lead to the repository of the hook.
REPOSITORY_VARIABLES = frozenset(
    {
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"),
        *("GIT_COMMON_DIR", "GIT_PREFIX"),
    }
)


def begin(folder: Path, message: str) -> str:
    """Commit everything in a folder, and return a sentence about the outcome.

    A failure of git is not an error: the service works without a history.

    Args:
        folder: of the service.
        message: of the commit.
    """
    try:
        _git(folder, "init", "--quiet")
        _git(folder, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
        # Forced: the user may ignore files such as wheels in all repositories.
        _git(folder, "add", "--all", "--force")
        author_options = () if _has_author(folder) else FALLBACK_AUTHOR
        # A signature could ask for a passphrase, and a hook could do anything.
        options = ("--quiet", "--no-verify", "--no-gpg-sign", "--message", message)
        _git(folder, *author_options, "commit", *options)
        commit = _git(folder, "rev-parse", "--short", "HEAD").strip()
    except FileNotFoundError:
        return "There is no history, since git is not installed: install it, then `git init`."
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder / ".git", ignore_errors=True)
        reason = (error.stderr.strip().splitlines() or ["no message"])[-1]
        return f"There is no history, since git failed ({reason}): solve that, then `git init`."
    if author_options:
        return (
            f"Its first commit is {commit}, by Carafe, since git does not know you: "
            "`git commit --amend --reset-author --no-edit` makes it yours."
        )
    return f"Its first commit is {commit}."


def _has_author(folder: Path) -> bool:
    try:
        _git(folder, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    except subprocess.CalledProcessError:
        return False
    return True


def _git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(  # noqa: S603 - git itself
        ["git", *arguments],  # noqa: S607 - found on the PATH
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in REPOSITORY_VARIABLES},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout
