"""The time of a service under test, which a test moves by hand."""

import threading
from datetime import datetime, timedelta

from carafe.infrastructure.identifiers import now


class AdvanceableClock:
    """Returns the present moment, or a later one: tests let time pass, and nobody waits."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Return the service's present."""
        return now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Let so much time pass; less than nothing sets the clock back."""
        with self._lock:
            self._ahead += by


class StoppedClock(AdvanceableClock):
    """Stands still until it is moved, so that every time in a test is known.

    Args:
        start: where it stands at first.
    """

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._start = start

    def __call__(self) -> datetime:
        """Return the service's present."""
        return self._start + self._ahead
