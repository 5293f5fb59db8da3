"""The correlation ids that go with every call to another service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_HEADER_VALUE = re.compile(r"[!-~]{1,256}")

_headers: ContextVar[dict[str, str] | None] = ContextVar("correlation", default=None)


@contextmanager
def correlation_context(correlation_id: str, traceparent: str | None = None) -> Iterator[None]:
    """Send correlation headers with every call to another service in the block.

    Args:
        correlation_id: shared by everything that follows from one first request.
        traceparent: W3C trace context, if any; passed on unchanged.
    """
    ids = {"X-Correlation-Id": correlation_id, "traceparent": traceparent or ""}
    # Both may come from another service's message; values that no header can carry are left out.
    headers = {name: value for name, value in ids.items() if _HEADER_VALUE.fullmatch(value)}
    token = _headers.set(headers)
    try:
        yield
    finally:
        _headers.reset(token)


def correlation_headers() -> dict[str, str]:
    """Return the headers of the current correlation context; none outside of one."""
    return dict(_headers.get() or {})
