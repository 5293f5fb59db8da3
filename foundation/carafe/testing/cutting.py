"""Functions in processes of their own, which are killed one step later each time.

Each pass of the loop follows a kill:

    for step in killed_at_every_step("bridge", another_loan, environment):
        ...  # what was cut is done again, then nothing is lost, and nothing done twice

The processes of a loop are forks of one, which loads the service when the loop begins.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3

from carafe.development.project import project
from carafe.development.servers.ports import choose_port

from .cut import COMPLETED
from .processes import wait_until

MOST_STEPS = 80

KILLED = -signal.SIGKILL


def killed_at_every_step(
    work: str,
    arguments: Callable[[], list[str]],
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
) -> Iterator[int]:
    """Run a function in processes that are killed one step later each time, until one is not.

    Args:
        work: of `carafe.testing.cut`: bridge, sweep, execute or consume.
        arguments: prepares the work of the next process, and returns the arguments for it.
        environment: of the processes.
        folder: the service's; by default, the one around the working directory.

    Yields:
        The step, after each process.
    """
    with _forking(environment, folder) as forks:
        for step in range(1, MOST_STEPS):
            forks.begin(work, step, *arguments())
            code, output = forks.end()
            yield step
            if code == 0:
                assert COMPLETED in output
                return
            assert code == KILLED, output
    raise AssertionError(f"{work} never ends")


def api_killed_at_every_step(
    requests: Callable[[str], object], environment: Mapping[str, str], *, every: int = 1
) -> Iterator[int]:
    """Serve the API in processes that are killed some steps later each time, until one is not.

    Args:
        requests: sends the requests whose steps count to an address; they may get no answer.
        environment: of the processes.
        every: how many steps later each time.

    Yields:
        The step, after each process.
    """
    with _forking(environment) as forks:
        for step in range(1, MOST_STEPS * every, every):
            is_killed = _is_api_killed(forks, requests, step)
            yield step
            if not is_killed:
                return
    raise AssertionError("the requests never end")


class _Forks:
    """The processes of one loop, one after the other.

    Args:
        parent: `carafe.testing.cut_forks`, whose forks they are.
    """

    def __init__(self, parent: "subprocess.Popen[str]") -> None:
        assert parent.stdin is not None
        assert parent.stdout is not None
        self._works, self._answers = parent.stdin, parent.stdout

    def begin(self, work: str, step: int, *arguments: str) -> int:
        """Begin a work of `carafe.testing.cut`, and return the id of its process."""
        self._works.write(json.dumps([work, str(step), *arguments]) + "\n")
        self._works.flush()
        process_id: int = self._answer()
        return process_id

    def end(self) -> tuple[int, str]:
        """Wait for the end of the process, and return its exit code and output."""
        code, output = self._answer()
        return code, output

    def _answer(self) -> Any:  # noqa: ANN401 - any JSON
        answer = self._answers.readline()
        assert answer, "the service cannot be loaded: see above"
        return json.loads(answer)


@contextmanager
def _forking(environment: Mapping[str, str], folder: Path | None = None) -> Iterator[_Forks]:
    """Load a service in a process of its own, which works in its forks."""
    with subprocess.Popen(
        [sys.executable, "-m", "carafe.testing.cut_forks"],
        cwd=folder or project().root,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        yield _Forks(parent)


def _is_api_killed(forks: _Forks, requests: Callable[[str], object], step: int) -> bool:
    """Serve requests until a step; return whether it was reached."""
    port = choose_port()
    address = f"http://127.0.0.1:{port}"
    process_id = forks.begin("api", step, str(port))
    try:
        wait_until(lambda: _is_up(address))
        requests(address)
        is_killed = not _is_up(address)
    finally:
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)
    code, output = forks.end()
    assert code == (KILLED if is_killed else 0), output
    return is_killed


def _is_up(address: str) -> bool:
    try:
        return urllib3.request("GET", f"{address}/health", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
