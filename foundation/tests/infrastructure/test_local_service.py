"""The service on this machine: what changes its processes is finished, whatever comes between."""

import concurrent.futures
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
        wait_until(_is_main_thread_waiting)
        os.kill(os.getpid(), signal.SIGINT)
        assert stopping.wait(20)
        finished.append("work")

    with pytest.raises(KeyboardInterrupt):
        run_together([work], stopping)
    assert finished == ["work"]


def _is_main_thread_waiting() -> bool:
    """Return whether the main thread waits for the results of others."""
    frame = sys._current_frames()[threading.main_thread().ident or 0]  # noqa: SLF001
    calls = [(each.filename, each.name) for each in traceback.extract_stack(frame)]
    return (concurrent.futures.wait.__code__.co_filename, "wait") in calls
