"""From a command, query or event to the one handler that knows what to do with it."""

from collections.abc import Callable, Mapping
from typing import Any

from carafe.contracts.base import Command, CommandResult, Query
from carafe.contracts.correlation import following
from carafe.contracts.envelope import Caller, CommandContext
from carafe.contracts.integration_events import IntegrationEvent

CommandHandler = Callable[[Any, CommandContext], CommandResult]
QueryHandler = Callable[[Any, Caller], Any]
EventHandler = Callable[[Any, CommandContext], CommandResult]


class ScopeMissing(Exception):
    """The caller may not do this.

    Args:
        scope: what its token would have to allow.
    """

    code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs the scope {scope}.")
        self.scope = scope


class Mediator:
    """Checks the caller's scope and calls the handler.

    Args:
        commands: the handler of each command type.
        queries: the handler of each query type.
        events: the handler of each subscribed event of another service.

    Raises:
        ValueError: two commands share a wire name.
    """

    def __init__(
        self,
        commands: Mapping[type[Command], CommandHandler],
        queries: Mapping[type[Query], QueryHandler],
        events: Mapping[type[IntegrationEvent], EventHandler],
    ) -> None:
        self._commands = commands
        self._queries = queries
        self._events = events
        self._wire_names = {command.wire_name: command for command in commands}
        if len(self._wire_names) < len(commands):
            raise ValueError("two commands share a wire name")

    @property
    def handlers(self) -> Mapping[type, Callable[..., Any]]:
        """The handler of each message, for those who look at the wiring."""
        return {**self._commands, **self._queries, **self._events}

    def send(self, command: Command, context: CommandContext) -> CommandResult:
        """Handle a command.

        Raises:
            ScopeMissing: the caller may not send it.
        """
        require_scope(command, context.caller)
        with following(context.correlation_id, context.traceparent):
            return self._commands[type(command)](command, context)

    def command_named(self, wire_name: str) -> type[Command] | None:
        """Return the command of a wire name, if there is one."""
        return self._wire_names.get(wire_name)

    def react(self, event: IntegrationEvent, context: CommandContext) -> CommandResult:
        """Handle an event of another service."""
        with following(context.correlation_id, context.traceparent):
            return self._events[type(event)](event, context)

    def ask(self, query: Query, caller: Caller) -> Any:  # noqa: ANN401 - the query's own view
        """Answer a query.

        Raises:
            ScopeMissing: the caller may not ask it.
        """
        require_scope(query, caller)
        return self._queries[type(query)](query, caller)


def require_scope(message: Command | Query | type[Command | Query], caller: Caller) -> None:
    """Refuse who may not send a message.

    Raises:
        ScopeMissing: the caller may not.
    """
    if message.scope is not None and not caller.may(message.scope):
        raise ScopeMissing(message.scope)
