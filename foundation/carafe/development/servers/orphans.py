"""Ends the processes that an earlier run left behind, and no others."""

import os
import select
import signal
from pathlib import Path

FOLDER_VARIABLE = "LOCAL_SERVER_FOLDER"
"""Every server has its folder in this environment variable, which identifies its process."""

END_SECONDS = 10.0


def end_orphan(folder: Path) -> None:
    """End the server of this folder whose id is in `server.pid`, if it still runs.

    The id may have been reused, so a process is ended only if it has this very folder in its
    environment. The handle is opened before that check, so that the id cannot be reused between
    the check and the signal.
    """
    pid_file = folder / "server.pid"
    try:
        pid = int(pid_file.read_text())
        handle = os.pidfd_open(pid)
    except (OSError, ValueError):  # no file, or no such process
        return
    try:
        if _has_folder(pid, folder):
            # It got SIGTERM when its parent died already: give it time to end.
            signal.pidfd_send_signal(handle, signal.SIGTERM)
            if not _has_ended(handle):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                _has_ended(handle)
    finally:
        os.close(handle)


def _has_folder(pid: int, folder: Path) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it has ended, or belongs to another user
        return False
    return f"{FOLDER_VARIABLE}={folder}".encode() in environment.split(b"\0")


def _has_ended(handle: int) -> bool:
    """Wait for a process to end, and return whether it did."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(END_SECONDS * 1000))
