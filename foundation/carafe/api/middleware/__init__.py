"""What surrounds every view, one concern a module; `api.views` puts them together."""

from collections.abc import Callable

from chalice.app import Request, Response
from msgspec import Struct


class Call(Struct, frozen=True):
    """A request to an operation.

    Attributes:
        request: as Chalice gives it.
        parameters: those of the path, percent-encoded.
        correlation_id: the caller's, or a new one.
        traceparent: the caller's trace context, if it sent a valid one.
    """

    request: Request
    parameters: dict[str, str]
    correlation_id: str
    traceparent: str | None


View = Callable[[Call], Response]

Middleware = Callable[[View], View]
"""Returns a view that does one thing more around another one."""


def surrounded(view: View, *middlewares: Middleware) -> View:
    """Return a view inside of middlewares, the outermost first."""
    for middleware in reversed(middlewares):
        view = middleware(view)
    return view
