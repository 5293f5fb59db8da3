"""What the work at hand follows from, to be sent along with every call to another service."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_headers: ContextVar[dict[str, str] | None] = ContextVar("correlation", default=None)


@contextmanager
def following(correlation_id: str, traceparent: str | None = None) -> Iterator[None]:
    """Let every call to another service that the block makes tell what it follows from.

    Args:
        correlation_id: common to everything that follows from one first request.
        traceparent: W3C trace context, if there is one; sent on as it came.
    """
    headers = {"X-Correlation-Id": correlation_id}
    if traceparent is not None:
        headers["traceparent"] = traceparent
    before = _headers.set(headers)
    try:
        yield
    finally:
        _headers.reset(before)


def correlation_headers() -> dict[str, str]:
    """Return the headers that tell what the work at hand follows from; none if it begins here."""
    return dict(_headers.get() or {})
