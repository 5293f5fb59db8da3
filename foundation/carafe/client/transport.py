"""Calls to one service: with a deadline, repeated where that is safe, none while it fails."""

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

# Methods of which a repeat does no more than the first did (RFC 9110, section 9.2.2).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500
REDIRECTS = range(300, 400)

# A pause may last longer than was asked for, up to and beyond the deadline.
SHORTEST_SECONDS = 0.001

# Pause before the next attempt: a random part of this, doubled each time up to the longest.
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


class Transport:
    """Calls one service; made once and kept, for its connections and its circuit breaker.

    Args:
        base_url: in front of every path.
        service: how errors name it.
        limits: what a call may take.
        breaker: its circuit breaker; one of its own by default.
        sleep: waits for so many seconds.
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
        """Send a request, again where it failed and a repeat does no harm.

        Args:
            request: what is asked.
            read: makes of an answer what the caller wants; for one that makes no sense it
                raises NoAnswer, which counts as a failure like any other.

        Raises:
            NoAnswer: the last attempt's failure.
        """
        deadline = time.monotonic() + self._limits.total_seconds
        attempt, sent = 1, False
        while True:
            try:
                return self._attempt(request, read, deadline)
            except NoAnswer as failure:
                # What one attempt brought to the service, no later failure takes back.
                sent = failure.sent = failure.sent or sent
                log.warning("%s: %s (attempt %d)", self._service, failure.reason, attempt)
                pause = _pause(failure, attempt)
                too_late = time.monotonic() + pause >= deadline
                if attempt >= self._limits.attempts or too_late or not _helps(request, failure):
                    raise
            self._sleep(pause)
            attempt += 1

    def close(self) -> None:
        """Close the kept connections."""
        self._connections.close()

    def _attempt(self, request: Request, read: Callable[[Answer], T], deadline: float) -> T:
        if not self._breaker.lets_through():
            reason = "it failed too often lately, and was not asked"
            raise NoAnswer(self._service, reason, sent=False, lasting=True)
        left = max(deadline - time.monotonic(), SHORTEST_SECONDS)
        seconds = min(self._limits.answer_seconds, left)
        try:
            answer = self._connections.send(request, seconds)
            self._require_served(answer)
            result = read(answer)
        except NoAnswer as failure:
            if failure.lasting:
                self._breaker.succeeded()  # it works, though not as is wanted here
            else:
                self._breaker.failed()
            raise
        self._breaker.succeeded()
        return result

    def _require_served(self, answer: Answer) -> None:
        """Refuse the answers of a service that cannot work now, or sends elsewhere.

        Raises:
            NoAnswer: with the answer.
        """
        if answer.status in REDIRECTS:
            reason = "it redirects, which is not followed"
            raise NoAnswer(self._service, reason, lasting=True, answer=answer)
        if answer.status == TOO_MANY_REQUESTS or answer.status >= SERVER_ERRORS:
            raise NoAnswer(self._service, f"status {answer.status}", answer=answer)


def _helps(request: Request, failure: NoAnswer) -> bool:
    """Tell whether a repeat may help, and cannot do anything twice."""
    harmless = request.method in IDEMPOTENT or IDEMPOTENCY_KEY in request.headers
    return not failure.lasting and (harmless or not failure.sent)


def _pause(failure: NoAnswer, attempt: int) -> float:
    """Return the seconds until the next attempt: what the service asks for, and jitter."""
    longest = min(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS)
    jitter = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
    return _retry_after(failure) + jitter


def _retry_after(failure: NoAnswer) -> float:
    value = failure.answer.headers.get("Retry-After") if failure.answer else None
    try:
        return Retry().parse_retry_after(value) if value else 0.0
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0  # it makes no sense
