"""Writes an upgrade into the service, and takes it back."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from .contents import LINK, Content, content_at, put
from .errors import UpgradeFailed
from .git import GitFailed, git_bytes
from .service import private_folder
from .working_copy import Change, changes
from .workspace import State, Workspace

# Among git's own files: a bare repository with the commits before and after, and what it was.
RECORD = "carafe-upgrade"
STATE = "carafe.json"

MOST_NAMES = 5


def require_untouched(root: Path, differences: Iterable[Change]) -> None:
    """Raise UpgradeFailed unless what would be replaced is as it was, or is replaced already."""
    touched = [
        each.path
        for each in differences
        if content_at(root / each.path) not in (each.before, each.after)
    ]
    if touched:
        raise UpgradeFailed(
            f"{_names(touched)} changed in the service meanwhile, or is there, ignored by git: "
            "put it back, or move it away"
        )


def write(workspace: Workspace, state: State) -> list[Change]:
    """Replace the service's files by those of the copy, and remember what was there.

    When it is cut off, `--continue` goes on with it, and `--undo` takes it back.

    Raises:
        UpgradeFailed: a file changed meanwhile; nothing is written.
    """
    root = workspace.root
    differences = changes(workspace.copy.folder)
    require_untouched(root, differences)
    if not state.is_written:
        _remember(root, workspace.copy.folder / ".git", state)
        state.is_written = True
        workspace.save(state)
    for each in differences:
        put(root / each.path, each.after)
    return differences


def _remember(root: Path, repository: Path, state: State) -> None:
    """Keep the copy's repository, from which the upgrade can be taken back."""
    record = private_folder(root, RECORD)
    new = record.with_name(f"{RECORD}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(repository, new)
    (new / STATE).write_bytes(msgspec.json.encode(state))
    shutil.rmtree(record, ignore_errors=True)
    new.rename(record)


def undo(root: Path) -> tuple[State, list[Change]]:
    """Take the last upgrade back, and keep what was changed since.

    Raises:
        UpgradeFailed: there is none, or changes since cannot be kept; nothing is changed.
    """
    record = private_folder(root, RECORD)
    if not (record / STATE).exists():
        raise UpgradeFailed("there is no upgrade to take back here; older ones are in git")
    state = msgspec.json.decode((record / STATE).read_bytes(), type=State)
    differences = changes(record)
    planned, refused = {}, []
    for each in differences:
        try:
            planned[root / each.path] = _without_upgrade(each, content_at(root / each.path))
        except _ChangedSince:
            refused.append(each.path)
    if refused:
        raise UpgradeFailed(
            f"{_names(refused)} changed since the upgrade, in the same places: "
            "undo those changes, or the upgrade by `git revert`; nothing was changed"
        )
    for path, content in planned.items():
        put(path, content)
    shutil.rmtree(record)
    return state, differences


class _ChangedSince(Exception):
    """What the upgrade changed was changed again."""


def _without_upgrade(change: Change, present: Content | None) -> Content | None:
    """Return what is at a path without what the upgrade changed, but with what changed since.

    Raises:
        _ChangedSince: the same was changed, or it is no text on each side.
    """
    if present == change.after:
        return change.before
    if present == change.before:
        return present
    if present is None or change.after is None or change.before is None:
        raise _ChangedSince
    sides = (present, change.after, change.before)
    if any(each.mode == LINK for each in sides):
        raise _ChangedSince
    return present._replace(data=_merged(*(each.data for each in sides)))


def _merged(ours: bytes, base: bytes, theirs: bytes) -> bytes:
    """Return a text with the changes of both sides.

    Raises:
        _ChangedSince: both changed the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        try:
            return git_bytes(Path(folder), "merge-file", "--stdout", *map(str, paths))
        except GitFailed as error:
            raise _ChangedSince from error


def _names(paths: list[str]) -> str:
    more = f" and {len(paths) - MOST_NAMES} more" if len(paths) > MOST_NAMES else ""
    return ", ".join(paths[:MOST_NAMES]) + more
