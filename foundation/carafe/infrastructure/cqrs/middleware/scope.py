"""Scope: a caller may send only what its token allows."""

from typing import Any

from carafe.contracts.base import Command, Query
from carafe.domain.timers import Timer
from carafe.infrastructure.cqrs.invocation import Handle, Invocation, Message


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
        required = _required_scope(invocation.contract)
        if required is not None and not invocation.caller.may(required):
            raise ScopeMissing(required)
        return handle(invocation)

    return permitted


def _required_scope(contract: type[Message | Timer]) -> str | None:
    """Return what a message asks of its sender: an event of another service, or a timer, nothing.

    An event may have a field of that name. A command without a scope is a mistake, and fails.
    """
    return contract.scope if issubclass(contract, Command | Query) else None
