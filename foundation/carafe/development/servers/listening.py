"""Finds out from /proc whether a process itself listens on a port.

An answer on the port does not prove it: if another program took the port first, a replica set
would be configured, or a queue declared, on that program's server.
"""

import contextlib
from pathlib import Path

LISTEN = "0A"  # the kernel's number for the state


def is_listening(pid: int, port: int) -> bool:
    """Return whether the process itself listens on the port, on any IPv4 address."""
    sockets = _listening_sockets(port)
    return bool(sockets) and not sockets.isdisjoint(_open_files(pid))


def _listening_sockets(port: int) -> set[str]:
    """Return the listening sockets of a port, as /proc/PID/fd names them."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        f"socket:[{inode}]"
        for _number, local, _remote, state, *_, inode in (row[:10] for row in rows)
        if state == LISTEN and local.endswith(f":{port:04X}")
    }


def _open_files(pid: int) -> set[str]:
    targets = set()
    with contextlib.suppress(OSError):  # the process has ended
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # it has closed the file
                targets.add(str(link.readlink()))
    return targets
