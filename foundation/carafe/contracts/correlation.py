"""What the work at hand follows from, to be sent along with every call to another service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_FITS = re.compile(r"[!-~]{1,256}")

_headers: ContextVar[dict[str, str] | None] = ContextVar("correlation", default=None)


@contextmanager
def following(correlation_id: str, traceparent: str | None = None) -> Iterator[None]:
    """Let every call to another service that the block makes tell what it follows from.

    Args:
        correlation_id: common to everything that follows from one first request.
        traceparent: W3C trace context, if there is one; sent on as it came.
    """
    known = {"X-Correlation-Id": correlation_id, "traceparent": traceparent or ""}
    # Both may come from a message of somebody else; what no header can carry is left out.
    before = _headers.set({name: each for name, each in known.items() if _FITS.fullmatch(each)})
    try:
        yield
    finally:
        _headers.reset(before)


def correlation_headers() -> dict[str, str]:
    """Return the headers that tell what the work at hand follows from; none if it begins here."""
    return dict(_headers.get() or {})
