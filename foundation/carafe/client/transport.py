"""Calls to one service, with a deadline, safe retries and a circuit breaker."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from .breaker import CircuitBreaker
from .errors import Answer, NoAnswer
from .http_connections import HttpConnections, Request
from .limits import Limits

log = logging.getLogger(__name__)

T = TypeVar("T")

IDEMPOTENCY_KEY = "Idempotency-Key"

# Methods that may be repeated without further effect (RFC 9110, section 9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
REDIRECTS = range(300, 400)

# A pause may last longer than requested, even beyond the deadline.
SHORTEST_SECONDS = 0.001

# Pause before the next attempt: a random part of this, which doubles each time up to a limit.
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


class Transport:
    """Calls one service; reuse it for its connections and its circuit breaker.

    Args:
        base_url: prefix of every path.
        service: its name in errors.
        limits: for each call.
        breaker: its circuit breaker; a new one by default.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        base_url: str,
        service: str,
        limits: Limits | None = None,
        *,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service = service
        self._limits = limits or Limits()
        self._breaker = breaker or CircuitBreaker()
        self._sleep = sleep
        self._connections = HttpConnections(base_url, service, self._limits)

    def send(self, request: Request, read: Callable[[Answer], T]) -> T:
        """Send a request, and retry it after a failure where that is safe.

        Args:
            request: to send.
            read: converts the answer to the result; raises NoAnswer if it cannot, which counts
                as a failure like any other.

        Raises:
            NoAnswer: the last attempt's failure.
        """
        deadline = time.monotonic() + self._limits.total_seconds
        attempt, sent = 1, False
        while True:
            try:
                return self._attempt(request, read, deadline)
            except NoAnswer as failure:
                # Once an attempt may have reached the service, later failures do not change that.
                sent = failure.sent = failure.sent or sent
                log.warning("%s: %s (attempt %d)", self._service, failure.reason, attempt)
                pause = _pause_seconds(failure, attempt)
                too_late = time.monotonic() + pause >= deadline
                if attempt >= self._limits.attempts or too_late or not _may_retry(request, failure):
                    raise
            self._sleep(pause)
            attempt += 1

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _attempt(self, request: Request, read: Callable[[Answer], T], deadline: float) -> T:
        if not self._breaker.allow_call():
            reason = "it failed too often recently and was not called"
            raise NoAnswer(self._service, reason, sent=False, permanent=True)
        remaining = max(deadline - time.monotonic(), SHORTEST_SECONDS)
        seconds = min(self._limits.answer_seconds, remaining)
        try:
            answer = self._connections.send(request, seconds)
            self._require_available(answer)
            result = read(answer)
        except NoAnswer as failure:
            if failure.permanent:
                self._breaker.record_success()  # the service works, though not for this request
            else:
                self._breaker.record_failure()
            raise
        self._breaker.record_success()
        return result

    def _require_available(self, answer: Answer) -> None:
        """Require that the service did not redirect, and is able to work.

        Raises:
            NoAnswer: it is a redirect, a 429 or a server error; carries the answer.
        """
        if answer.status in REDIRECTS:
            reason = "it redirects, which is not followed"
            raise NoAnswer(self._service, reason, permanent=True, answer=answer)
        if answer.status == TOO_MANY_REQUESTS or answer.status >= SERVER_ERRORS:
            raise NoAnswer(self._service, f"status {answer.status}", answer=answer)


def _may_retry(request: Request, failure: NoAnswer) -> bool:
    """Return whether a retry may help, and cannot take effect twice."""
    is_idempotent = request.method in IDEMPOTENT or IDEMPOTENCY_KEY in request.headers
    return not failure.permanent and (is_idempotent or not failure.sent)


def _pause_seconds(failure: NoAnswer, attempt: int) -> float:
    """Return the pause before the next attempt: the service's `Retry-After`, plus jitter."""
    longest = min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
    jitter = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
    return _retry_after_seconds(failure) + jitter


def _retry_after_seconds(failure: NoAnswer) -> float:
    value = failure.answer.headers.get("Retry-After") if failure.answer else None
    try:
        return Retry().parse_retry_after(value) if value else 0.0
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0  # malformed
