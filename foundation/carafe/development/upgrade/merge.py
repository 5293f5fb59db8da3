"""Merges what is new in the templates into a service's files, as git merges branches.

The base is what `carafe new` made of the service's names then, theirs what it makes of them now.
git knows which file a team has renamed, and shows what it cannot merge with both sides and base.
"""

import re
from pathlib import Path
from typing import NamedTuple

from .contents import content_at, put
from .errors import UpgradeFailed
from .git import GitFailed
from .working_copy import Copy

# A chronicle, which says what the service began with.
WRITTEN_ONCE = ("CHANGELOG.md",)

MARK = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)

DELETED_BY_US, DELETED_BY_THEM = "DU", "UD"


class Merge(NamedTuple):
    """What a merge came to.

    Attributes:
        notes: a sentence for each file that a side no longer has.
        conflicts: the paths that a person must settle.
    """

    notes: list[str]
    conflicts: list[str]


def merge_templates(copy: Copy, base: Path, theirs: Path, present: str, target: str) -> Merge:
    """Merge the differences of two folders into a copy, whose changes must be committed.

    Args:
        copy: of the service.
        base: the folder of the files that the present version makes.
        theirs: the folder of those that the target makes; both are changed in passing.
        present: the version of the base.
        target: that of theirs.
    """
    for folder in (base, theirs):
        for name in WRITTEN_ONCE:
            (folder / name).unlink(missing_ok=True)
        _take_over_line_ends(folder, copy.folder)
    base_commit = copy.commit_of(base, f"carafe {present}")
    their_commit = copy.commit_of(theirs, f"carafe {target}", base_commit)
    try:
        copy.git("cherry-pick", "--no-commit", "--allow-empty", their_commit)
    except GitFailed as error:
        if not unmerged(copy):
            raise UpgradeFailed(f"git cannot merge the templates: {error}") from error
    return _settle(copy, target)


def _take_over_line_ends(folder: Path, tree: Path) -> None:
    """Let files end their lines as those of a tree do, so that they differ in content alone."""
    for path in (each for each in folder.rglob("*") if each.is_file()):
        ours = content_at(tree / path.relative_to(folder))
        content = content_at(path)
        if ours is None or content is None or not _has_dos_lines(ours.data):
            continue
        put(path, content._replace(data=content.data.replace(b"\n", b"\r\n")))


def _has_dos_lines(data: bytes) -> bool:
    return data.count(b"\r\n") * 2 > data.count(b"\n")


def _settle(copy: Copy, target: str) -> Merge:
    """Keep what we deleted deleted, and what they deleted but we changed."""
    notes, conflicts = [], []
    for path, state in unmerged(copy).items():
        if state == DELETED_BY_US:
            copy.git("rm", "--quiet", "--force", "--", path)
            notes.append(f"{path} was deleted here and stays so; it is new in {target}")
        elif state == DELETED_BY_THEM:
            copy.git("add", "--", path)
            notes.append(f"{path} was changed here and stays; {target} no longer has it")
        else:
            conflicts.append(path)
    return Merge(notes, conflicts)


def unmerged(copy: Copy) -> dict[str, str]:
    """Return the paths that git could not merge, with their states as `git status` has them."""
    entries = copy.git("status", "--porcelain", "-z", "--no-renames").split("\0")
    states = ((entry[3:], entry[:2]) for entry in entries if entry)
    return {path: state for path, state in states if "U" in state or state in {"AA", "DD"}}


def conflicted(copy: Copy, paths: list[str]) -> list[str]:
    """Return those of some paths that still have the marks of a conflict."""
    contents = {path: content_at(copy.folder / path) for path in paths}
    return [path for path, content in contents.items() if content and MARK.search(content.data)]
