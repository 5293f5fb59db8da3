"""The effects of methods, read from their source: what they record, send and change."""

import ast
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent
from carafe.domain.process import Process
from carafe.domain.timers import Timer

from .model import aggregates, behaviours_of
from .step_calls import step_changes
from .syntax import function_of, is_self, nodes_of, with_helpers

M = TypeVar("M")

_MUTATING = {"add", "append", "clear", "discard", "extend", "insert", "pop", "remove", "update"}


@dataclass(frozen=True)
class Behaviour:
    """A method of an aggregate that changes something.

    Attributes:
        aggregate: its class.
        name: of the method.
        creates: it creates an aggregate.
        changes: the attributes that it sets: `status: PAID`, or the name alone; and what a process
            does with its steps.
        events: the events that it records.
        commands: the commands that it sends.
        timers: what it does with timers: `sets TimeUp`, `cancels TimeUp`.
    """

    aggregate: type[AggregateRoot]
    name: str
    creates: bool = False
    changes: tuple[str, ...] = ()
    events: tuple[type[DomainEvent], ...] = ()
    commands: tuple[type[DomainCommand], ...] = ()
    timers: tuple[str, ...] = ()


_known: dict[type, list[Behaviour]] = {}


def behaviours(aggregate: type[AggregateRoot]) -> list[Behaviour]:
    """Return the methods of an aggregate that record, send or change something."""
    if aggregate not in _known:  # every handler of the aggregate asks
        methods = [_behaviour(aggregate, name) for name in behaviours_of(aggregate)]
        _known[aggregate] = [
            each
            for each in methods
            if each.events or each.commands or each.changes or each.timers or each.creates
        ]
    return _known[aggregate]


@functools.cache
def recorders() -> dict[type[DomainEvent], list[Behaviour]]:
    """Return the behaviours that record each event."""
    by_event: dict[type[DomainEvent], list[Behaviour]] = {}
    for aggregate in aggregates():
        for behaviour in behaviours(aggregate):
            for event in behaviour.events:
                by_event.setdefault(event, []).append(behaviour)
    return by_event


def _behaviour(aggregate: type[AggregateRoot], name: str) -> Behaviour:
    function = function_of(aggregate, name)
    trees = list(with_helpers(aggregate, function))
    names = function.__globals__
    steps = step_changes(trees, names) if issubclass(aggregate, Process) else ()
    changes = (each for tree in trees for each in _changes(tree, names))
    return Behaviour(
        aggregate=aggregate,
        name=name,
        creates=any(_creates(tree, aggregate) for tree in trees),
        changes=tuple(dict.fromkeys([*changes, *steps])),
        events=_passed(trees, names, ("record",), DomainEvent),
        commands=_passed(trees, names, ("send", "begin"), DomainCommand),
        timers=tuple(dict.fromkeys(each for tree in trees for each in _timers(tree, names))),
    )


def _passed(
    trees: Iterable[ast.AST], names: dict[str, Any], methods: Sequence[str], base: type[M]
) -> tuple[type[M], ...]:
    """Return the classes of a kind that are passed to one of some methods, each once."""
    found = (
        each
        for tree in trees
        for method in methods
        for each in _passed_in(tree, names, method, base)
    )
    return tuple(dict.fromkeys(found))


def _passed_in(
    tree: ast.AST, names: dict[str, Any], method: str, base: type[M]
) -> Iterator[type[M]]:
    """Yield the classes of `x.record(Event(...))`, or of a name that holds such an event."""
    variables = {
        target.id: node.value
        for node in nodes_of(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in sorted(_calls_of(tree, method), key=lambda each: each.lineno):
        for argument in call.args:
            value = variables.get(_name(argument), argument)
            passed = names.get(_name(value.func)) if isinstance(value, ast.Call) else None
            if isinstance(passed, type) and issubclass(passed, base):
                yield passed


def _timers(tree: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    """Yield what becomes of timers in `x.set_timer(TimeUp, ...)` and `x.cancel_timer(TimeUp)`."""
    calls = [
        (call, verb)
        for method, verb in (("set_timer", "sets"), ("cancel_timer", "cancels"))
        for call in _calls_of(tree, method)
    ]
    for call, verb in sorted(calls, key=lambda each: (each[0].lineno, each[0].col_offset)):
        timer = names.get(_name(call.args[0])) if call.args else None
        if isinstance(timer, type) and issubclass(timer, Timer):
            yield f"{verb} {timer.__name__}"


def _changes(tree: ast.AST, names: dict[str, Any]) -> Iterator[str]:
    nodes = [node for node in nodes_of(tree) if isinstance(node, (ast.stmt, ast.Call))]
    for node in sorted(nodes, key=lambda each: (each.lineno, each.col_offset)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value, names)
        elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
            yield from _assigned(node.target, None, names)
        elif isinstance(node, ast.Call):
            yield from _initial_values(node, names)
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in _MUTATING:
                yield from _own_attribute(function.value)


def _assigned(target: ast.expr, value: ast.expr | None, names: dict[str, Any]) -> Iterator[str]:
    if isinstance(target, ast.Tuple):
        for each in target.elts:
            yield from _assigned(each, None, names)
        return
    for attribute in _own_attribute(target):
        member = _member(value, names)
        yield f"{attribute}: {member}" if member else attribute


def _own_attribute(node: ast.expr) -> Iterator[str]:
    """Yield the attribute of `self.x`, `self.x[...]` or `self.x.y`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and is_self(node.value):
            yield node.attr
        node = node.value


def _initial_values(call: ast.Call, names: dict[str, Any]) -> Iterator[str]:
    """Yield the enumerated values that a creation sets."""
    if not is_self(call.func):
        return
    for keyword in call.keywords:
        member = _member(keyword.value, names)
        if keyword.arg and member:
            yield f"{keyword.arg}: {member}"


def _member(value: ast.expr | None, names: dict[str, Any]) -> str:
    if not isinstance(value, ast.Attribute):
        return ""
    owner = names.get(_name(value.value))
    return value.attr if isinstance(owner, type) and issubclass(owner, Enum) else ""


def _creates(tree: ast.AST, aggregate: type) -> bool:
    calls = [node.func for node in nodes_of(tree) if isinstance(node, ast.Call)]
    return any(_name(each) in {"cls", aggregate.__name__} for each in calls)


def _calls_of(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in nodes_of(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr == name:
            yield node


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""
