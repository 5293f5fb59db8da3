"""Work in processes of their own, which are killed."""

import signal
from collections.abc import Callable, Iterator, Mapping

from carafe.testing.cut import COMPLETED
from carafe.testing.processes import run

KILLED = -signal.SIGKILL
MOST_STEPS = 80


def killed_at_every_step(
    work: str, arguments: Callable[[], list[str]], environment: Mapping[str, str]
) -> Iterator[int]:
    """Run some work in processes that are killed one step later each time, until one is not."""
    for step in range(1, MOST_STEPS):
        code, output = run(
            "carafe.testing.cut", work, str(step), *arguments(), environment=environment
        )
        yield step
        if code == 0:
            assert COMPLETED in output
            return
        assert code == KILLED, output
    raise AssertionError(f"{work} never ends")
