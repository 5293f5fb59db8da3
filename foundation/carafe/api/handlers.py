"""Which handler handles what, each with the ports it needs."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from carafe.contracts.base import Command, CommandResult, Query
from carafe.contracts.envelope import Caller, CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.mediator import (
    CommandHandler,
    EventHandler,
    Mediator,
    QueryHandler,
)
from carafe.infrastructure.errors import StoreLoginRefused
from carafe.infrastructure.service import Service

log = logging.getLogger(__name__)

K = TypeVar("K")
H = TypeVar("H")
R = TypeVar("R")


class Handlers(Struct, frozen=True, kw_only=True):
    """The handlers of a service: tables of those of each part.

    Attributes:
        commands: by command.
        queries: by query.
        events: by event of another service.
    """

    commands: Sequence[Mapping[type[Command], CommandHandler]] = ()
    queries: Sequence[Mapping[type[Query], QueryHandler]] = ()
    events: Sequence[Mapping[type[IntegrationEvent], EventHandler]] = ()


MakeHandlers = Callable[[Container[Any]], Handlers]
"""Returns a service's handlers, on the wired service; called with the first message."""


def mediator_of(container: Container[Any], make_handlers: MakeHandlers) -> Mediator:
    """Return the mediator of a wired service.

    Raises:
        ValueError: an event that is subscribed to has no handler, two handlers have one message,
            or two commands one name.
    """
    handlers = make_handlers(container)
    events = joined(handlers.events)
    subscribed = container.service.subscribed
    unhandled = {each.wire_type for each in set(subscribed) ^ set(events)}
    if unhandled:
        raise ValueError(f"subscribed to without a handler, or the reverse: {sorted(unhandled)}")
    return Mediator(joined(handlers.commands), joined(handlers.queries), events)


def joined(tables: Sequence[Mapping[K, H]]) -> dict[K, H]:
    """Return one table of all.

    Raises:
        ValueError: a message stands in two of them.
    """
    everything: dict[K, H] = {}
    for table in tables:
        if twice := everything.keys() & table.keys():
            raise ValueError(f"handled twice: {twice}")
        everything |= table
    return everything


def with_current_login(service: Service[Any], work: Callable[[Container[Any]], R]) -> R:
    """Do some work; once more on newly read secrets if the store refuses the login.

    The password may have been changed while this process was warm. A message is handled again
    with the id it had, so that it takes effect once.

    Raises:
        StoreLoginRefused: the secret still holds what the store refuses.
    """
    container = service.container()
    try:
        return work(container)
    except StoreLoginRefused:
        if not service.renew(container):
            raise
        log.warning("the store refused the login, the secrets were read again")
    return work(service.container())


class CurrentMediator:
    """The mediator of a service as it is wired now; wired anew when a login is refused.

    Args:
        service: whose messages are handled.
        make_handlers: returns the handlers.
    """

    def __init__(self, service: Service[Any], make_handlers: MakeHandlers) -> None:
        self._service = service
        self._make_handlers = make_handlers
        self._latest: tuple[Container[Any], Mediator] | None = None

    def send(self, command: Command, context: CommandContext) -> CommandResult:
        """Handle a command, as `Mediator.send`."""
        return with_current_login(self._service, lambda now: self._on(now).send(command, context))

    def react(self, event: IntegrationEvent, context: CommandContext) -> CommandResult:
        """Handle an event of another service, as `Mediator.react`."""
        return with_current_login(self._service, lambda now: self._on(now).react(event, context))

    def ask(self, query: Query, caller: Caller) -> Any:  # noqa: ANN401 - the query's own view
        """Answer a query, as `Mediator.ask`."""
        return with_current_login(self._service, lambda now: self._on(now).ask(query, caller))

    def command_named(self, wire_name: str) -> type[Command] | None:
        """Return the command of a wire name, as `Mediator.command_named`."""
        return self._on(self._service.container()).command_named(wire_name)

    def _on(self, container: Container[Any]) -> Mediator:
        latest = self._latest
        if latest is None or latest[0] is not container:
            latest = (container, mediator_of(container, self._make_handlers))
            self._latest = latest
        return latest[1]
