"""Keeps the data of test servers in memory: databases wait for a disk at most of what they do."""

import fcntl
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
PREFIX = "carafe-tests-"
LOCK_SUFFIX = ".lock"

ROOM_BYTES = 4 * 1024**3
"""Must be available: each process of a test run needs a gigabyte at most."""


@contextmanager
def data_in_memory(*folders: Path) -> Iterator[None]:
    """Let folders that do not exist yet lie in memory during the block, if there is room.

    Without room, nothing is done, and whoever needs the folders makes them on the disk.
    """
    if not _has_room():
        yield
        return
    with _own_folder() as memory:
        for number, folder in enumerate(folders):
            target = memory / str(number)
            target.mkdir()
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.symlink_to(target)
        yield


def _has_room() -> bool:
    try:
        free = shutil.disk_usage(SHARED_MEMORY).free
        available = re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text())
    except OSError:  # not Linux
        return False
    return available is not None and min(free, int(available[1]) * 1024) >= ROOM_BYTES


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Make a folder that is removed at the end, or by the next run if this one is killed."""
    _remove_abandoned()
    with tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=LOCK_SUFFIX, dir=SHARED_MEMORY) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel releases it when this process dies
        folder = Path(lock.name.removesuffix(LOCK_SUFFIX))
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # a server may still write its last file


def _remove_abandoned() -> None:
    for path in SHARED_MEMORY.glob(f"{PREFIX}*{LOCK_SUFFIX}"):
        folder = path.with_suffix("")
        if folder.is_dir():  # otherwise its owner has yet to lock it
            with suppress(OSError), path.open("rb") as lock:  # somebody else's, or just removed
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
                path.unlink()
