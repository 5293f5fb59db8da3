"""The folder of a new service: it is created as a whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carafe.development.project import NoProject, root_above


class UnusableFolder(Exception):
    """The service cannot be created in a folder; the message says why."""


def require_free(folder: Path) -> None:
    """Raise UnusableFolder unless a folder is missing or empty, and outside of other services.

    Args:
        folder: an absolute path without links.

    Raises:
        UnusableFolder: the folder is in use, lies in a service, or cannot be read.
    """
    try:
        nearest = next(each for each in (folder, *folder.parents) if each.exists())
        if not nearest.is_dir():
            raise UnusableFolder(f"{nearest} is a file: name a folder that does not exist yet")
        if nearest == folder and any(folder.iterdir()):
            raise UnusableFolder(f"{folder} is not empty: name a folder that does not exist yet")
        service_root = root_above(folder)
    except NoProject:
        return
    except OSError as error:
        raise _unusable(folder, error) from error
    raise UnusableFolder(
        f"{folder} lies in the service {service_root}: name a folder outside of it"
    )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty working folder that is moved to a path when the block ends.

    If the block fails, nothing is left of the folder.

    Args:
        folder: the path; it is missing, or an empty folder.

    Raises:
        UnusableFolder: nothing can be written there.
    """
    new_parents = [each for each in folder.parents if not each.exists()]
    work: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:40]}."))
        content = work / "service"
        content.mkdir()
        yield content
        _move(content, folder)
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


def _move(content: Path, folder: Path) -> None:
    """Move a folder to its path, or what is in it if a folder exists there.

    An existing folder is not replaced, since it may be the working directory of a shell.
    """
    if not folder.exists():
        content.rename(folder)
        return
    names = sorted(each.name for each in content.iterdir())
    try:
        for name in names:
            (content / name).rename(folder / name)
    except BaseException:
        for path in (folder / name for name in names):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        raise


def _unusable(folder: Path, error: OSError) -> UnusableFolder:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return UnusableFolder(
        f"{folder} cannot be created ({reason}): name a folder that you may write to"
    )
