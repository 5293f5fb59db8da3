"""The effects of a handler, read from its source and that of the helpers that it calls."""

import ast
import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any, get_args, get_type_hints

from carafe.domain.model import AggregateRoot
from carafe.domain.process import Process
from carafe.infrastructure.cqrs import processes
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository

from .model import ports
from .source import Behaviour, behaviours
from .syntax import attributes_called, is_self, nodes_of, tree_of, with_helpers
from .wiring import Handler, RepositoryPlaceholder, Service


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


@functools.cache
def effects_of(handler: Handler) -> HandlerEffects:
    """Return the effects of a handler."""
    owner: type = type(getattr(handler, "__self__", handler))
    function = getattr(handler, "__func__", handler)
    own_trees = list(with_helpers(owner, function))
    trees = [*own_trees, *_trees_of_process_helpers(own_trees, function)]
    attributes = _attribute_types(owner)
    names = dict.fromkeys(name for tree in trees for name in _own_names(tree) if name in attributes)
    used = [each for name in names for each in _aggregates_in(attributes[name])]
    used += _aggregates_closed_over(handler)
    attributes_used = [each for tree in trees for each in attributes_called(tree)]
    called = {each.attr for each in attributes_used if not is_self(each.value)}
    return HandlerEffects(
        aggregates=tuple(dict.fromkeys(used)),
        behaviours=_called_behaviours(used, called),
        calls=tuple(
            f"{port.__name__}.{each.attr}"
            for each in attributes_used
            for name, port in attributes.items()
            if port in ports() and _own_name(each.value) == name
        ),
        deletes=any(_is_deletion(node) for tree in trees for node in nodes_of(tree)),
    )


def deleting_behaviours(aggregate: type[AggregateRoot], service: Service) -> set[str]:
    """Return the names of an aggregate's behaviours after which a handler deletes it."""
    handlers = (
        *service.handlers.values(),
        *(each for several in service.reactions.values() for each in several),
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
        own = tuple(each for each in _all_behaviours(aggregate) if each.name in called)
        if own:
            return own
    return ()


def _all_behaviours(aggregate: type[AggregateRoot]) -> Iterator[Behaviour]:
    """Yield an aggregate's behaviours; those that every process has come last."""
    own = behaviours(aggregate)
    yield from own
    if issubclass(aggregate, Process):
        names = {each.name for each in own}
        inherited = [name for name, value in vars(Process).items() if inspect.isfunction(value)]
        for name in inherited:
            if not name.startswith("_") and name not in names:
                yield Behaviour(aggregate, name)


def _trees_of_process_helpers(own_trees: list[ast.AST], function: Handler) -> Iterator[ast.AST]:
    """Yield the trees of `begin`, `advance` and `refusal`, where a handler calls them."""
    nodes = [node for tree in own_trees for node in nodes_of(tree)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    for name in dict.fromkeys(each.id for each in called if isinstance(each, ast.Name)):
        helper = inspect.unwrap(function).__globals__.get(name)
        if isinstance(helper, FunctionType) and helper.__module__ == processes.__name__:
            yield tree_of(helper)


def _aggregates_closed_over(handler: Handler) -> list[type[AggregateRoot]]:
    """Return the aggregates whose repositories a function was made with: `deadlines(loans, …)`."""
    if not isinstance(handler, FunctionType):
        return []
    values = inspect.getclosurevars(handler).nonlocals.values()
    kinds = (RepositoryPlaceholder, MemoryRepository)
    return [each.aggregate for each in values if isinstance(each, kinds)]


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
    nodes = [node for node in nodes_of(tree) if isinstance(node, ast.Attribute)]
    nodes.sort(key=lambda each: (each.lineno, each.col_offset))
    return [name for node in nodes if (name := _own_name(node))]


def _own_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) and is_self(node.value) else ""
