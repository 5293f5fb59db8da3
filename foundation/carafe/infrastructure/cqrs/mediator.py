"""From a command, query or event to the one handler that knows what to do with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import Caller, CommandContext, DueTimer

from .invocation import Handle, Invocation, Middleware

CommandHandler = Callable[[Any, CommandContext], CommandResult]
QueryHandler = Callable[[Any, Caller], Any]
EventHandler = Callable[[Any, CommandContext], CommandResult]
TimerHandler = Callable[[DueTimer, CommandContext], CommandResult]

Handlers = Mapping[type[Any], Callable[[Any, Any], Any]]
"""The handler of each message."""


class Mediator:
    """Passes a message through the middlewares to its handler.

    Args:
        handlers: returns the handlers, on the service as it is wired at present.
        middlewares: the outermost first.
    """

    def __init__(
        self, handlers: Callable[[], Handlers], middlewares: Sequence[Middleware] = ()
    ) -> None:
        self._handlers = handlers
        self.handle: Handle = self._dispatch
        """Handles an invocation; raises what its handler and the middlewares raise."""
        for middleware in reversed(middlewares):
            self.handle = middleware(self.handle)

    @property
    def handlers(self) -> Handlers:
        """The handler of each message."""
        return self._handlers()

    def command_named(self, wire_name: str) -> type[Command] | None:
        """Return the command with a wire name, or None."""
        for contract in self._handlers():
            if issubclass(contract, Command) and contract.wire_name == wire_name:
                return contract
        return None

    def _dispatch(self, invocation: Invocation) -> Any:  # noqa: ANN401 - whatever the handler returns
        return self._handlers()[invocation.contract](*invocation.contents)
