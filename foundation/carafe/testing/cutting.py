"""Functions in processes of their own, which are killed one step later each time.

Each pass of the loop follows a kill:

    for step in killed_at_every_step("bridge", another_loan, environment):
        ...  # what was cut is done again, then nothing is lost, and nothing done twice
"""

import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import urllib3

from carafe.development.project import project
from carafe.development.servers.ports import choose_port

from .cut import COMPLETED
from .processes import run_in, running, wait_until

MOST_STEPS = 80

KILLED = -signal.SIGKILL
END_SECONDS = 10


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
    folder = folder or project().root
    for step in range(1, MOST_STEPS):
        cut = ("carafe.testing.cut", work, str(step), *arguments())
        code, output = run_in(folder, *cut, environment=environment)
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
    for step in range(1, MOST_STEPS * every, every):
        is_killed = _killed_api(requests, environment, step)
        yield step
        if not is_killed:
            return
    raise AssertionError("the requests never end")


def _killed_api(
    requests: Callable[[str], object], environment: Mapping[str, str], step: int
) -> bool:
    """Serve requests until a step; return whether it was reached."""
    port = choose_port()
    arguments = ("api", str(step), str(port))
    with running("carafe.testing.cut", *arguments, environment=environment) as api:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _is_up(address))
        requests(address)
        if _is_up(address):
            return False
        assert api.wait(END_SECONDS) == KILLED
        return True


def _is_up(address: str) -> bool:
    try:
        return urllib3.request("GET", f"{address}/health", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
