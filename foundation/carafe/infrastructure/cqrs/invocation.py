"""A message that came in, on its way to its handler."""

from collections.abc import Callable
from typing import Any

from carafe.contracts.base import Command, Query
from carafe.contracts.envelope import Caller, CommandContext, DueTimer
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.timers import Timer

Message = Command | Query | IntegrationEvent | DueTimer

Contents = tuple[Message, CommandContext | Caller]
"""A message, and what its handler gets beside it: for a query its caller."""


class Invocation:
    """One call of a handler.

    The message is read when something first looks at its contents, so that a middleware can refuse
    a caller before anything that the caller sent is looked at. It is read once: a repetition
    handles the same message under the same ids.

    Args:
        contract: the type of the message; of a timer its kind.
        caller: who sent it.
        read: returns the contents.
    """

    __slots__ = ("_contents", "_read", "caller", "contract")

    def __init__(
        self, contract: type[Message | Timer], caller: Caller, read: Callable[[], Contents]
    ) -> None:
        self.contract = contract
        self.caller = caller
        self._read = read
        self._contents: Contents | None = None

    @classmethod
    def of(cls, message: Message, context: CommandContext | Caller) -> "Invocation":
        """Return the invocation of a message that is already read."""
        caller = context if isinstance(context, Caller) else context.caller
        return cls(type(message), caller, lambda: (message, context))

    @property
    def contents(self) -> Contents:
        """The message, and what its handler gets beside it.

        Raises:
            MalformedMessage: the message does not fit its contract.
        """
        if self._contents is None:
            self._contents = self._read()
        return self._contents


Handle = Callable[[Invocation], Any]
"""Handles an invocation: returns a command's result, or a query's view."""

Middleware = Callable[[Handle], Handle]
"""Returns a handle that does one thing more around another one."""
