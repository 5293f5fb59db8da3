"""The service on this machine: what changes its processes is finished, whatever comes between."""

import os
import signal
import sys
import threading
import traceback

import pytest

from carafe.development.local_service import run_together
from carafe.testing.processes import wait_until


def test_tasks_are_finished_also_if_one_fails() -> None:
    finished = []

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_together([fail, lambda: finished.append("other")], threading.Event())
    assert finished == ["other"]


def test_tasks_are_told_of_ctrl_c_and_finished() -> None:
    stopping, finished = threading.Event(), []

    def work() -> None:
        wait_until(lambda: "wait" in _calls_of_main_thread())
        os.kill(os.getpid(), signal.SIGINT)
        assert stopping.wait(20)
        finished.append("work")

    with pytest.raises(KeyboardInterrupt):
        run_together([work], stopping)
    assert finished == ["work"]


def _calls_of_main_thread() -> list[str]:
    """Return the names of the functions that the main thread is in, without those of locks."""
    frame = sys._current_frames()[threading.main_thread().ident or 0]  # noqa: SLF001
    calls = traceback.extract_stack(frame)
    return [each.name for each in calls if each.filename != threading.__file__]
