"""What processes cost, and how they are paused: read from /proc."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

# After the name of the program in /proc/PID/stat: user and system time, also of ended children.
TIMES = slice(11, 15)


def pid_in(folder: Path) -> int:
    """Return the id of the server that was started in a folder."""
    return int((folder / "server.pid").read_text())


def tree(pid: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from tree(int(child))


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and its descendants, ended ones included."""
    return sum(_ticks(each) for each in tree(pid)) / TICKS


def send_signal(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and its descendants."""
    for each in list(tree(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, number)


def _ticks(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return sum(map(int, text.rpartition(")")[2].split()[TIMES]))
