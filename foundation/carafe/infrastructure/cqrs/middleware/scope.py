"""Scope: a caller may send only what its token allows."""

from typing import Any

from carafe.infrastructure.cqrs.invocation import Handle, Invocation


class ScopeMissing(Exception):
    """The caller's token does not allow this.

    Args:
        scope: what it would have to allow.
    """

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}.")
        self.scope = scope


def scope(handle: Handle) -> Handle:
    """Raise ScopeMissing, before the message is read, unless the caller may send it."""

    def permitted(invocation: Invocation) -> Any:  # noqa: ANN401 - whatever the handler returns
        required = getattr(invocation.contract, "scope", None)  # events have none
        if required is not None and not invocation.caller.may(required):
            raise ScopeMissing(required)
        return handle(invocation)

    return permitted
