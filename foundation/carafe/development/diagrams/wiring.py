"""The service as its code wires it: routes, handlers and their effects."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chalice.app import Chalice

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.project import project
from carafe.domain.model import AggregateRoot
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service as Declaration

Handler = Callable[..., Any]
Message = type[Command | Query]


class _Placeholder:
    """Takes the place of every port: handlers are inspected here, not called."""

    def __getattr__(self, _name: str) -> "_Placeholder":
        return self

    def __call__(self, *_arguments: object) -> "_Placeholder":
        return self


class RepositoryPlaceholder(_Placeholder):
    """Takes the place of a repository, and remembers of what."""

    def __init__(self, aggregate: type[AggregateRoot]) -> None:
        self.aggregate = aggregate


class _ContainerPlaceholder(_Placeholder):
    """Takes the place of the container; nothing is read or connected."""

    def __init__(self, service: Declaration[Any]) -> None:
        self.service = service

    def repository(self, aggregate: type[AggregateRoot]) -> RepositoryPlaceholder:
        return RepositoryPlaceholder(aggregate)


@dataclass(frozen=True)
class Service:
    """The service as it is wired.

    Attributes:
        app: of app.py.
        operations: the routes of commands and queries.
        handlers: by command and query.
        reactions: the handlers of what comes to the inbox; several parts may follow one event.
        timers: their handlers.
    """

    app: Chalice
    operations: list[Operation]
    handlers: Mapping[Message, Handler]
    reactions: Mapping[type[IntegrationEvent], tuple[Handler, ...]]
    timers: Mapping[type[Timer], Handler]

    @property
    def name(self) -> str:
        """The service's name."""
        return str(self.app.app_name)


@functools.cache
def service() -> Service:
    """Return the service of the working directory."""
    functions = project().functions
    unwired = cast("Container[Any]", _ContainerPlaceholder(functions.service))
    made = functions.make_handlers(unwired)
    declared = functions.service
    handlers = made.table(declared.subscribed, declared.timer_kinds.values())
    return Service(
        app=project().app,
        operations=list(functions.operations),
        handlers={
            message: handler
            for message, handler in handlers.items()
            if issubclass(message, (Command, Query))
        },
        reactions=_reactions(made.events),
        timers={timer: handler for timer, handler in handlers.items() if issubclass(timer, Timer)},
    )


def _reactions(
    tables: Iterable[Mapping[type[IntegrationEvent], Handler]],
) -> dict[type[IntegrationEvent], tuple[Handler, ...]]:
    reactions: dict[type[IntegrationEvent], tuple[Handler, ...]] = {}
    for table in tables:
        for event, handler in table.items():
            reactions[event] = (*reactions.get(event, ()), handler)
    return reactions


def handler_name(handler: Handler) -> str:
    """Return the class and the method of a handler, `LoanCommands.renew`, or what returned it."""
    return str(inspect.unwrap(handler).__qualname__).partition(".<locals>")[0]
