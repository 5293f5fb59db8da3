"""A circuit breaker (Michael Nygard, Release It!): who fails again and again is left alone.

closed ──failures in a row──► open ──time──► half-open ──success──► closed
                                ▲               └──failure──► open
"""

import threading
import time
from collections.abc import Callable
from enum import Enum

FAILURES = 5
OPEN_SECONDS = 30.0


class State(Enum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Counts failures in a row; one client's, shared by its threads.

    Args:
        failures: in a row, after which no call goes through.
        open_seconds: until one call is let through as a trial. A trial that is never
            reported on makes way for another after the same time.
        clock: in seconds, never going back.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_trial = 0.0

    @property
    def state(self) -> State:
        """Whether calls go through now."""
        with self._lock:
            if self._failures < self._most:
                return State.CLOSED
            return State.OPEN if self._clock() < self._next_trial else State.HALF_OPEN

    def lets_through(self) -> bool:
        """Tell whether a call may be made; who is told so reports how it went."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._clock() < self._next_trial:
                return False
            self._next_trial = self._clock() + self._open_seconds  # this caller is the trial
            return True

    def succeeded(self) -> None:
        """Report that a call went well."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Report that a call failed."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._next_trial = self._clock() + self._open_seconds
