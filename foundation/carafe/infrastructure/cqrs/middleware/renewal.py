"""Renewal of logins: a password that changed while the process was warm goes unnoticed."""

from typing import Any

from carafe.infrastructure.cqrs.invocation import Handle, Invocation, Middleware
from carafe.infrastructure.service import Service


def renewal(service: Service[Any]) -> Middleware:
    """Return what handles an invocation again, on newly read secrets, if a login is refused.

    The message keeps its ids, so that it takes effect once.
    """

    def around(handle: Handle) -> Handle:
        def renewed(invocation: Invocation) -> Any:  # noqa: ANN401 - whatever the handler returns
            return service.run(lambda _: handle(invocation))

        return renewed

    return around
