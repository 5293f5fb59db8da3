"""Tells whether a process listens on a port, from what Linux shows of it.

That somebody answers there says too little: a stranger may have taken the port first, and a
replica set would then be configured, or a queue declared, on that stranger's server.
"""

import contextlib
from pathlib import Path

LISTEN = "0A"  # the kernel's number for the state


def listens(pid: int, port: int) -> bool:
    """Say whether the process itself listens on the port, of whatever IPv4 address."""
    sockets = _listening_sockets(port)
    return bool(sockets) and not sockets.isdisjoint(_open_files(pid))


def _listening_sockets(port: int) -> set[str]:
    """Return the names that the sockets of a port have among a process's open files."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        f"socket:[{inode}]"
        for _number, local, _remote, state, *_, inode in (row[:10] for row in rows)
        if state == LISTEN and local.endswith(f":{port:04X}")
    }


def _open_files(pid: int) -> set[str]:
    found = set()
    with contextlib.suppress(OSError):  # the process ended
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # it closed the file meanwhile
                found.add(str(link.readlink()))
    return found
