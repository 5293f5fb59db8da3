"""Keeps two runs from using the same folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import AlreadyRunning


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the folder for the block; the kernel releases the lock when this process dies.

    Raises:
        AlreadyRunning: another process holds the lock.
    """
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip()
            advice = f"end it with Ctrl-C there, or with `kill {pid}`"
            raise AlreadyRunning(f"Another run (process {pid}) uses {folder}: {advice}.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
