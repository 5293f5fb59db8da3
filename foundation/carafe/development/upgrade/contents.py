"""What is at a path of a tree, and how it is put there."""

import stat
from pathlib import Path
from typing import NamedTuple

from carafe.development.atomic_file import EVERYBODY_READS, OWNER_ONLY

FILE, PROGRAM, LINK, OTHER = "100644", "100755", "120000", "040000"
"""The modes of git; the last stands for what git does not track, such as a folder."""

RUN_BITS = 0o111


class Content(NamedTuple):
    """A file or a symbolic link.

    Attributes:
        mode: as git writes it.
        data: the bytes, or the target of the link.
    """

    mode: str
    data: bytes


def content_at(path: Path) -> Content | None:
    """Return what is at a path; None if nothing is, and nothing is in its way."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    except NotADirectoryError:  # a file stands where its folder would be
        return Content(OTHER, b"")
    if stat.S_ISLNK(mode):
        return Content(LINK, bytes(path.readlink()))
    if not stat.S_ISREG(mode):
        return Content(OTHER, b"")
    return Content(PROGRAM if mode & stat.S_IXUSR else FILE, path.read_bytes())


def put(path: Path, content: Content | None) -> None:
    """Put something at a path in one step; None removes what is there.

    Whoever is cut off leaves what was there or what is to be there, mode included: a later upgrade
    knows nothing else.

    Raises:
        OSError: it cannot be written; what was there is unchanged.
    """
    if content is None:
        path.unlink(missing_ok=True)
        _remove_empty(path.parent)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: whoever writes the path again takes away what a kill has left.
    new = path.with_name(f".{path.name}.carafe-new")
    new.unlink(missing_ok=True)
    try:
        _make(new, content, _permissions(path, content.mode))
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _make(path: Path, content: Content, permissions: int) -> None:
    if content.mode == LINK:
        path.symlink_to(content.data.decode(errors="surrogateescape"))
        return
    path.touch(OWNER_ONLY)
    path.write_bytes(content.data)
    path.chmod(permissions)


def _permissions(path: Path, mode: str) -> int:
    """Return the permissions of a file that is put at a path: those that it has, as git's mode."""
    is_file = path.is_file() and not path.is_symlink()
    present = stat.S_IMODE(path.stat().st_mode) if is_file else EVERYBODY_READS
    return present | (present & 0o444) >> 2 if mode == PROGRAM else present & ~RUN_BITS


def _remove_empty(folder: Path) -> None:
    """Remove a folder, and those above it, as git does, as long as nothing is in them."""
    while not folder.exists() or not any(folder.iterdir()):
        if folder.exists():
            folder.rmdir()
        folder = folder.parent
