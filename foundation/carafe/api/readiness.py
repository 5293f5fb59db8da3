"""Whether the database answers, for anybody who asks: the question itself must cost little."""

import threading
import time
from collections.abc import Callable

from carafe.infrastructure.errors import InfrastructureError

FRESH_SECONDS = 3.0
"""For so long an answer is repeated; load balancers and monitors ask every few seconds."""


class Readiness:
    """Asks the database at most every few seconds, and one caller at a time.

    Args:
        ask: raises InfrastructureError if the database does not answer.
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(
        self, ask: Callable[[], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._failure: InfrastructureError | None = None

    def require(self) -> None:
        """Check that the database answers, or did a moment ago.

        Raises:
            InfrastructureError: it does not, or did not a moment ago.
        """
        with self._lock:
            if self._clock() - self._asked_at >= FRESH_SECONDS:
                self._failure = self._outcome()
                self._asked_at = self._clock()
            failure = self._failure
        if failure is not None:
            raise failure.with_traceback(None)

    def _outcome(self) -> InfrastructureError | None:
        try:
            self._ask()
        except InfrastructureError as error:
            return error
        return None
