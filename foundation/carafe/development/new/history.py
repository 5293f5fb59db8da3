"""The git history of a new service, begun with one commit."""

import os
import shutil
import subprocess
from pathlib import Path

BRANCH = "main"
NEUTRAL = ("-c", "user.name=Carafe", "-c", "user.email=carafe@localhost")

# They name another repository when a hook of it called.
OF_A_REPOSITORY = frozenset(
    {
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"),
        *("GIT_COMMON_DIR", "GIT_PREFIX"),
    }
)


def begin(folder: Path, message: str) -> str:
    """Commit everything in a folder, as far as git allows, and say what became of it.

    Args:
        folder: of the service.
        message: of the commit.
    """
    try:
        _git(folder, "init", "--quiet")
        _git(folder, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
        # What somebody ignores in all repositories, such as wheels, belongs to this one.
        _git(folder, "add", "--all", "--force")
        identity = () if _knows_author(folder) else NEUTRAL
        # A signature could ask for a passphrase, a hook for anything.
        options = ("--quiet", "--no-verify", "--no-gpg-sign", "--message", message)
        _git(folder, *identity, "commit", *options)
        commit = _git(folder, "rev-parse", "--short", "HEAD").strip()
    except FileNotFoundError:
        return "git is not there, so that no history is begun: `git init` when it is."
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder / ".git", ignore_errors=True)
        said = (error.stderr.strip().splitlines() or ["git said nothing"])[-1]
        return f"git would not begin a history ({said}): `git init` when it does."
    if identity:
        return (
            f"Its first commit is {commit}, by Carafe, since git does not know you: "
            "`git commit --amend --reset-author --no-edit` makes it yours."
        )
    return f"Its first commit is {commit}."


def _knows_author(folder: Path) -> bool:
    try:
        _git(folder, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    except subprocess.CalledProcessError:
        return False
    return True


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - git itself
        ["git", *words],  # noqa: S607 - the one of the machine
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in OF_A_REPOSITORY},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
