"""The service as its code wires it: routes, handlers and their effects."""

import ast
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args, get_type_hints

from chalice.app import Chalice

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.project import project
from carafe.domain.model import AggregateRoot
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service as Declaration

from .model import ports
from .source import Behaviour, attributes_called, behaviours, is_self, tree_of

Handler = Callable[..., Any]
Message = type[Command | Query]


class _Placeholder:
    """Takes the place of every port: handlers are inspected here, not called."""

    def __getattr__(self, _name: str) -> "_Placeholder":
        return self

    def __call__(self, *_arguments: object) -> "_Placeholder":
        return self


class _ContainerPlaceholder(_Placeholder):
    """Takes the place of the container; nothing is read or connected."""

    def __init__(self, service: Declaration[Any]) -> None:
        self.service = service


@dataclass(frozen=True)
class Service:
    """The service as it is wired.

    Attributes:
        app: of app.py.
        operations: the routes of commands and queries.
        handlers: by command and query.
        reactions: the handlers of other services' events.
        timers: their handlers.
    """

    app: Chalice
    operations: list[Operation]
    handlers: Mapping[Message, Handler]
    reactions: Mapping[type[IntegrationEvent], Handler]
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
    handlers = functions.make_handlers(unwired).table(
        functions.service.subscribed, functions.service.timer_kinds.values()
    )
    return Service(
        app=project().app,
        operations=list(functions.operations),
        handlers={
            message: handler
            for message, handler in handlers.items()
            if issubclass(message, (Command, Query))
        },
        reactions={
            event: handler
            for event, handler in handlers.items()
            if issubclass(event, IntegrationEvent)
        },
        timers={timer: handler for timer, handler in handlers.items() if issubclass(timer, Timer)},
    )


def handler_name(handler: Handler) -> str:
    """Return the class and the method of a handler: `LoanCommands.renew`."""
    return str(inspect.unwrap(handler).__qualname__)


@dataclass(frozen=True)
class HandlerEffects:
    """The effects of a handler, read from its source.

    Attributes:
        aggregates: those whose repositories it uses, in that order.
        behaviours: those that it calls.
        calls: of the domain's ports: `Forecast.storms_near`.
        deletes: it deletes the aggregate.
    """

    aggregates: tuple[type[AggregateRoot], ...]
    behaviours: tuple[Behaviour, ...]
    calls: tuple[str, ...]
    deletes: bool


def effects_of(handler: Handler) -> HandlerEffects:
    """Return the effects of a handler."""
    owner: type = type(getattr(handler, "__self__", handler))
    tree = tree_of(getattr(handler, "__func__", handler))
    attributes = _attribute_types(owner)
    names = dict.fromkeys(name for name in _own_names(tree) if name in attributes)
    used = [each for name in names for each in _aggregates_in(attributes[name])]
    called = {each.attr for each in attributes_called(tree) if not is_self(each.value)}
    return HandlerEffects(
        aggregates=tuple(dict.fromkeys(used)),
        behaviours=_called_behaviours(used, called),
        calls=tuple(
            f"{port.__name__}.{each.attr}"
            for each in attributes_called(tree)
            for name, port in attributes.items()
            if port in ports() and _own_name(each.value) == name
        ),
        deletes=any(_is_deletion(node) for node in ast.walk(tree)),
    )


def deleting_behaviours(aggregate: type[AggregateRoot], service: Service) -> set[str]:
    """Return the names of an aggregate's behaviours after which a handler deletes it."""
    handlers = (
        *service.handlers.values(),
        *service.reactions.values(),
        *service.timers.values(),
    )
    return {
        behaviour.name
        for effects in map(effects_of, handlers)
        if effects.deletes
        for behaviour in effects.behaviours
        if behaviour.aggregate is aggregate
    }


def timers_of_behaviours(aggregate: type[AggregateRoot], service: Service) -> dict[str, list[str]]:
    """Return the names of the timers that call an aggregate's behaviours, by behaviour."""
    callers: dict[str, list[str]] = {}
    for timer, handler in service.timers.items():
        for behaviour in effects_of(handler).behaviours:
            if behaviour.aggregate is aggregate:
                callers.setdefault(behaviour.name, []).append(timer.__name__)
    return callers


def _is_deletion(node: ast.AST) -> bool:
    """Return whether a node is `change(..., delete=True)`."""
    return isinstance(node, ast.Call) and any(
        each.arg == "delete" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in node.keywords
    )


def _called_behaviours(used: list[type[AggregateRoot]], called: set[str]) -> tuple[Behaviour, ...]:
    """Return the behaviours that are called, of the first aggregate that has one.

    Other aggregates may have behaviours of the same name.
    """
    for aggregate in used:
        own = tuple(each for each in behaviours(aggregate) if each.name in called)
        if own:
            return own
    return ()


def _attribute_types(owner: type) -> dict[str, Any]:
    """Return the types of the attributes of a class of handlers, those of `__init__` included."""
    init = vars(owner).get("__init__")
    hints = {**get_type_hints(owner), **(get_type_hints(init) if init else {})}
    return {name: hint for name, hint in hints.items() if name != "return"}


def _aggregates_in(type_form: Any) -> list[type[AggregateRoot]]:  # noqa: ANN401 - any type form
    """Return the aggregate of `Repository[Loan]`, or of a repository class."""
    candidates = [*get_args(type_form), getattr(type_form, "aggregate", None)]
    return [
        each for each in candidates if isinstance(each, type) and issubclass(each, AggregateRoot)
    ]


def _own_names(tree: ast.AST) -> list[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    nodes.sort(key=lambda each: (each.lineno, each.col_offset))
    return [name for node in nodes if (name := _own_name(node))]


def _own_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) and is_self(node.value) else ""
