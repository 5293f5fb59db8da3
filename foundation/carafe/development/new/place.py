"""Where a new service goes, and how it gets there: whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carafe.development.project import NoProject, root_above


class NoPlace(Exception):
    """The service cannot be made there; the message says why."""


def require_free(folder: Path) -> None:
    """Refuse a place where something is already, or that lies in another service.

    Args:
        folder: the place, absolute and without links.

    Raises:
        NoPlace: says which.
    """
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not there.is_dir():
            raise NoPlace(f"{there} is a file: name a folder that is not there yet")
        if there == folder and any(folder.iterdir()):
            raise NoPlace(f"{folder} is not empty: name a folder that is not there yet")
        around = root_above(folder)
    except NoProject:
        return
    except OSError as error:
        raise _unusable(folder, error) from error
    raise NoPlace(f"{folder} lies in the service {around}: name a folder outside of it")


@contextmanager
def made(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that takes its place when the block ends, and is gone if it fails.

    Args:
        folder: the place; it is not there, or empty.

    Raises:
        NoPlace: nothing can be written there.
    """
    new_parents = [each for each in folder.parents if not each.exists()]
    work: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:40]}."))
        inner = work / "service"
        inner.mkdir()
        yield inner
        _put(inner, folder)
    except BaseException as error:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        for each in new_parents:
            if each.exists() and not any(each.iterdir()):
                each.rmdir()
        if isinstance(error, OSError):
            raise _unusable(folder, error) from error
        raise
    shutil.rmtree(work, ignore_errors=True)


def _put(inner: Path, folder: Path) -> None:
    """Give a folder its place; one that is there stays the same one, for whoever works in it."""
    if not folder.exists():
        inner.rename(folder)
        return
    names = sorted(each.name for each in inner.iterdir())
    try:
        for name in names:
            (inner / name).rename(folder / name)
    except BaseException:
        for path in (folder / name for name in names):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise


def _unusable(folder: Path, error: OSError) -> NoPlace:
    what = os.strerror(error.errno) if error.errno else str(error)
    return NoPlace(f"{folder} cannot be made ({what}): name a folder that you may write to")
