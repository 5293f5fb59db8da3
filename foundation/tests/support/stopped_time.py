"""A clock that stands still, for what must hold to the moment."""

from types import ModuleType

import pytest

PRESENT = 1_000.0
"""What the clock shows, in seconds."""

SOON = PRESENT + 60


class Stopped:
    """Stands for the module `time`."""

    monotonic = staticmethod(lambda: PRESENT)


def stop_time(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of a module stand still while a test runs."""
    monkeypatch.setattr(module, "time", Stopped)
