"""Keeps two runs from using one folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import AlreadyRunning


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; the kernel lets it go when this process dies.

    Raises:
        AlreadyRunning: another process holds it.
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
