"""Contracts that several threads read at once, when nobody has read one of them before."""

import subprocess
import sys

from tests.support.places import FOUNDATION

ROUNDS = 200
"""Without `complete`, the process ends in one of the first."""


def test_threads_may_read_contracts_for_the_first_time_at_once() -> None:
    """Msgspec 0.22 ends the process if they do."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.first_use", str(ROUNDS)],
        cwd=FOUNDATION,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
