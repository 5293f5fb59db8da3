"""Which handler handles what, each with the ports that it needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import SentContract
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs import mediator as cqrs
from carafe.infrastructure.cqrs.invocation import Middleware
from carafe.infrastructure.cqrs.mediator import (
    CommandHandler,
    EventHandler,
    Mediator,
    QueryHandler,
    TimerHandler,
)
from carafe.infrastructure.cqrs.middleware.renewal import renewal
from carafe.infrastructure.cqrs.middleware.scope import scope
from carafe.infrastructure.service import Service

from .followers import in_turn, may_be_followed


class Handlers(Struct, frozen=True, kw_only=True):
    """The handlers of a service: tables of those of each part.

    Attributes:
        commands: by command.
        queries: by query.
        events: by event or command from the inbox; several parts may follow one event, each with
            aggregates of its own.
        timers: by kind.
    """

    commands: Sequence[Mapping[type[Command], CommandHandler]] = ()
    queries: Sequence[Mapping[type[Query], QueryHandler]] = ()
    events: Sequence[Mapping[type[IntegrationEvent], EventHandler]] = ()
    timers: Sequence[Mapping[type[Timer], TimerHandler]] = ()

    def table(
        self,
        subscribed: Sequence[type[IntegrationEvent]],
        declared: Iterable[type[Timer]] = (),
        sent: Iterable[SentContract] = (),
    ) -> cqrs.Handlers:
        """Return the handler of each message.

        Args:
            subscribed: what comes to the inbox, each of which needs a handler.
            declared: the timers of the aggregates, each of which needs a handler.
            sent: the contracts of the commands that they send; each one of the service's own needs
                a handler.

        Raises:
            ValueError: an event that is subscribed to, or a timer, has no handler, or the reverse;
                a command that the service sends to itself has none; two handlers have one command,
                query or timer; two commands have one name.
        """
        events = joined(self.events)
        unhandled = {each.wire_type for each in set(subscribed) ^ set(events)}
        if unhandled:
            raise ValueError(
                f"subscribed to without a handler, or the reverse: {sorted(unhandled)}"
            )
        timers = joined(self.timers)
        if misfits := {each.__name__ for each in set(declared) ^ set(timers)}:
            raise ValueError(f"timers without a handler, or the reverse: {sorted(misfits)}")
        commands = joined(self.commands)
        if len({command.wire_name for command in commands}) < len(commands):
            raise ValueError("two commands share a wire name")
        own = {each for each in sent if issubclass(each, Command)}
        if unanswered := {each.__name__ for each in own - set(commands)}:
            raise ValueError(
                f"commands sent to the service itself, but not handled: {sorted(unanswered)}"
            )
        return {**commands, **joined(self.queries), **events, **timers}


MakeHandlers = Callable[[Container[Any]], Handlers]
"""Returns a service's handlers, on the wired service; called with the first message."""


class CurrentHandlers:
    """The handlers on the service as it is wired at present.

    Args:
        service: whose handlers they are.
        make_handlers: makes them, once for each container.
    """

    def __init__(self, service: Service[Any], make_handlers: MakeHandlers) -> None:
        self._service = service
        self._make_handlers = make_handlers
        self._latest: tuple[Container[Any], cqrs.Handlers] | None = None

    def __call__(self) -> cqrs.Handlers:
        """Return the handler of each message."""
        container = self._service.container()
        latest = self._latest
        if latest is None or latest[0] is not container:
            service = self._service
            handlers = self._make_handlers(container).table(
                service.subscribed, service.timer_kinds.values(), service.sent.values()
            )
            self._latest = latest = (container, handlers)
        return latest[1]


def mediator(service: Service[Any], make_handlers: MakeHandlers) -> Mediator:
    """Return the mediator of a service."""
    return Mediator(CurrentHandlers(service, make_handlers), middlewares(service))


def middlewares(service: Service[Any]) -> list[Middleware]:
    """Return what surrounds every handler, the outermost first."""
    return [scope, renewal(service)]


def joined(tables: Iterable[Mapping[type[Any], Callable[..., Any]]]) -> dict[type[Any], Any]:
    """Return one table with the rows of all; an event comes to every part that follows it.

    Raises:
        ValueError: a command, query or timer has two handlers.
    """
    handlers: dict[type[Any], list[Callable[..., Any]]] = {}
    for table in tables:
        for contract, handler in table.items():
            handlers.setdefault(contract, []).append(handler)
    several = {contract: each for contract, each in handlers.items() if len(each) > 1}
    if repeated := {each.__name__ for each in several if not may_be_followed(each)}:
        raise ValueError(f"handled twice: {sorted(repeated)}")
    followed = {contract: in_turn(each) for contract, each in several.items()}
    return {**{contract: each[0] for contract, each in handlers.items()}, **followed}
