"""A circuit breaker (Michael Nygard, Release It!): stop calling a service that keeps failing.

closed ──failures in a row──► open ──time──► half-open ──success──► closed
                                ▲               └──failure──► open
"""

import threading
import time
from collections.abc import Callable
from enum import Enum

FAILURE_THRESHOLD = 5
OPEN_SECONDS = 30.0


class State(Enum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Counts consecutive failures; threads may share it.

    Args:
        failure_threshold: number of consecutive failures after which no call goes through.
        open_seconds: until one call is allowed as a trial. If its result is never recorded,
            another trial is allowed after the same time.
        clock: in seconds, monotonic.
    """

    def __init__(
        self,
        failure_threshold: int = FAILURE_THRESHOLD,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failure_threshold = failure_threshold
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_trial = 0.0

    @property
    def state(self) -> State:
        """Whether calls go through now."""
        with self._lock:
            if self._failures < self._failure_threshold:
                return State.CLOSED
            return State.OPEN if self._clock() < self._next_trial else State.HALF_OPEN

    def allow_call(self) -> bool:
        """Return whether a call may be made; the caller must then record its result."""
        with self._lock:
            if self._failures < self._failure_threshold:
                return True
            if self._clock() < self._next_trial:
                return False
            self._next_trial = self._clock() + self._open_seconds  # this caller is the trial
            return True

    def record_success(self) -> None:
        """Record that a call succeeded."""
        with self._lock:
            self._failures = 0

    def record_failure(self) -> None:
        """Record that a call failed."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._failure_threshold:
                self._next_trial = self._clock() + self._open_seconds
