"""Turns into a server that ends with the process that started it.

Run as `python child.py PARENT_ID COMMAND…`. It stands between the two because code of ours cannot
safely run after a fork in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

# In the environment, set by `make run`: a make that is killed takes everything along.
PARENT = "CARAFE_PARENT"


def end_with_parent(parent: str) -> None:
    """Ask the kernel to end this process after its parent.

    Args:
        parent: the parent's process id; empty for a process that outlives its parent.

    Raises:
        SystemExit: the parent has ended already.
    """
    if not parent:
        return
    # A request, not a kill: a broker killed right after it made a queue never recovers that queue.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # A parent that died before the line above sends no signal any more.
    if os.getppid() != int(parent):
        sys.exit(0)


def main() -> None:
    """End with the parent, and become the command."""
    parent, *command = sys.argv[1:]
    end_with_parent(parent)
    try:
        os.execvp(command[0], command)  # noqa: S606 - to become it is the point
    except OSError as failure:
        sys.exit(f"{command[0]}: {failure.strerror}")


if __name__ == "__main__":
    main()
