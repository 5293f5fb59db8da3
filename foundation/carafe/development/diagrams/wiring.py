"""The service as its code wires it: routes, handlers, functions."""

import ast
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args, get_type_hints

from chalice.app import Chalice

from carafe.api.endpoints import Operation
from carafe.api.handlers import mediator_of
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.project import project
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service as Declaration

from .model import ports
from .source import Behaviour, attributes_called, behaviours, is_self, tree_of

Handler = Callable[..., Any]
Message = type[Command | Query]


class _AnyPort:
    """Stands in for every port while handlers are looked at, not called."""

    def __getattr__(self, _name: str) -> "_AnyPort":
        return self

    def __call__(self, *_given: object) -> "_AnyPort":
        return self


class _Unwired(_AnyPort):
    """Stands in for the wired service; nothing is read or connected."""

    def __init__(self, service: Declaration[Any]) -> None:
        self.service = service


@dataclass(frozen=True)
class Service:
    """What the wiring says.

    Attributes:
        app: the function set of app.py.
        operations: every route that carries a command or a query.
        handlers: of every command and query.
        reactions: the handler of every event of other services.
    """

    app: Chalice
    operations: list[Operation]
    handlers: Mapping[Message, Handler]
    reactions: Mapping[type[IntegrationEvent], Handler]

    @property
    def name(self) -> str:
        """The service's name."""
        return str(self.app.app_name)


@functools.cache
def service() -> Service:
    """Return the service of this tree."""
    functions = project().functions
    handlers = mediator_of(
        cast("Container[Any]", _Unwired(functions.service)), functions.make_handlers
    ).handlers
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
    )


def handler_name(handler: Handler) -> str:
    """Return a handler's class and method."""
    return str(inspect.unwrap(handler).__qualname__)


@dataclass(frozen=True)
class Work:
    """What a handler does, as far as its source tells.

    Attributes:
        aggregates: whose repositories it uses, in that order.
        behaviours: what it calls on them.
        calls: the domain's ports that it calls, as `Forecast.storms_near`.
    """

    aggregates: tuple[type[AggregateRoot], ...]
    behaviours: tuple[Behaviour, ...]
    calls: tuple[str, ...]


def work_of(handler: Handler) -> Work:
    """Return what a handler does."""
    owner: type = type(getattr(handler, "__self__", handler))
    tree = tree_of(getattr(handler, "__func__", handler))
    attributes = _attribute_types(owner)
    used = list(dict.fromkeys(name for name in _own_names(tree) if name in attributes))
    found = [each for name in used for each in _aggregates_in(attributes[name])]
    called = {each.attr for each in attributes_called(tree) if not is_self(each.value)}
    return Work(
        aggregates=tuple(dict.fromkeys(found)),
        behaviours=_behaviours_called(found, called),
        calls=tuple(
            f"{port.__name__}.{each.attr}"
            for each in attributes_called(tree)
            for name, port in attributes.items()
            if port in ports() and _own_name(each.value) == name
        ),
    )


def _behaviours_called(found: list[type[AggregateRoot]], called: set[str]) -> tuple[Behaviour, ...]:
    """Return the first aggregate's behaviours that are called; names may be another's as well."""
    for aggregate in found:
        own = tuple(each for each in behaviours(aggregate) if each.name in called)
        if own:
            return own
    return ()


def _attribute_types(owner: type) -> dict[str, Any]:
    """Return the types of what a class of handlers is given."""
    made = vars(owner).get("__init__")
    hints = {**get_type_hints(owner), **(get_type_hints(made) if made else {})}
    return {name: kind for name, kind in hints.items() if name != "return"}


def _aggregates_in(kind: Any) -> list[type[AggregateRoot]]:  # noqa: ANN401 - a type form
    """Return the aggregate of `Repository[Loan]`, or of a repository class."""
    given = [*get_args(kind), getattr(kind, "aggregate", None)]
    return [each for each in given if isinstance(each, type) and issubclass(each, AggregateRoot)]


def _own_names(tree: ast.AST) -> list[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    nodes.sort(key=lambda each: (each.lineno, each.col_offset))
    return [name for node in nodes if (name := _own_name(node))]


def _own_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) and is_self(node.value) else ""
