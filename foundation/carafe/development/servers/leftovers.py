"""Ends what an earlier run left behind, and nothing else."""

import os
import select
import signal
from pathlib import Path

FOLDER_VARIABLE = "LOCAL_SERVER_FOLDER"
"""Every server carries its folder in this variable: that is how it is told from others."""

END_SECONDS = 10.0


def end_leftover(folder: Path) -> None:
    """End the server of this folder that `server.pid` names, if it still runs.

    The number may have gone to another process meanwhile, so a process is ended only if it
    carries this very folder in its environment. The handle is opened before that look, so that
    the number cannot change hands between the look and the signal.
    """
    pid_file = folder / "server.pid"
    try:
        pid = int(pid_file.read_text())
        handle = os.pidfd_open(pid)
    except (OSError, ValueError):  # no file, or no such process any more
        return
    try:
        if _carries(pid, folder):
            # It has been asked to end already, when its parent died: give it time to.
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not _ends(handle):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                _ends(handle)
    finally:
        os.close(handle)


def _carries(pid: int, folder: Path) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # ended meanwhile, or somebody else's
        return False
    return f"{FOLDER_VARIABLE}={folder}".encode() in environment.split(b"\0")


def _ends(handle: int) -> bool:
    """Wait for a process to end, and tell whether it did."""
    watch = select.poll()
    watch.register(handle, select.POLLIN)
    return bool(watch.poll(END_SECONDS * 1000))
