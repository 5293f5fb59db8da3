"""Does works of `carafe.testing.cut` in forks of one process, which loads the service once.

    python -m carafe.testing.cut_forks

Each line of its input is a work, as a JSON array of the arguments of `cut`. It answers with two
lines: the id of the process that does the work, and at its end its exit code and its output. It
ends with its input.
"""

import json
import os
import signal
import sys
import threading

from carafe.development.project import project
from carafe.development.servers.child import end_with_parent
from carafe.infrastructure.initialization import prepare_all

from . import cut

LONGEST_SECONDS = 60
"""A work that takes longer is ended by SIGALRM."""


def load() -> None:
    """Import all that a function needs at its first call.

    A fork has no thread but its own, and would share connections: nothing may be open yet.
    """
    functions = project().functions
    prepare_all(functions.service)
    _ = functions.operations, functions.make_handlers
    assert threading.active_count() == 1, threading.enumerate()


def main() -> None:
    """Do one work after the other, until the input ends."""
    load()
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = _fork(json.loads(line), writing)
        os.close(writing)
        _tell(child)
        with os.fdopen(reading) as output:
            said = output.read()
        _, status = os.waitpid(child, 0)
        _tell([os.waitstatus_to_exitcode(status), said])


def _fork(arguments: list[str], output: int) -> int:
    """Do a work in another process, with its output to a pipe; return the process's id."""
    parent = str(os.getpid())
    child = os.fork()
    if child == 0:
        for each in (sys.stdout, sys.stderr):
            os.dup2(output, each.fileno())
        os.close(output)
        end_with_parent(parent)
        signal.alarm(LONGEST_SECONDS)
        cut.do(*arguments)
        sys.exit(0)
    return child


def _tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
