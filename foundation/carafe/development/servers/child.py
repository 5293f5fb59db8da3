"""Becomes a server that ends with the process that started it.

Run as `python child.py PARENT_ID COMMAND…`. It is a program of its own because Python code cannot
run safely after a fork in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

# The environment variable that `make run` sets, so that everything ends when make is killed.
PARENT = "CARAFE_PARENT"


def end_with_parent(parent: str) -> None:
    """Ask the kernel to end this process after its parent.

    Args:
        parent: the parent's process id; empty if this process may outlive its parent.

    Raises:
        SystemExit: the parent has ended already.
    """
    if not parent:
        return
    # SIGTERM, not SIGKILL: a broker killed right after it created a queue never recovers the queue.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # If the parent died before the line above, no signal comes.
    if os.getppid() != int(parent):
        sys.exit(0)


def main() -> None:
    """Tie this process to its parent, and become the command."""
    parent, *command = sys.argv[1:]
    end_with_parent(parent)
    try:
        os.execvp(command[0], command)  # noqa: S606 - to become it is the point
    except OSError as failure:
        sys.exit(f"{command[0]}: {failure.strerror}")


if __name__ == "__main__":
    main()
