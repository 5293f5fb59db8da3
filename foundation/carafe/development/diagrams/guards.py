"""The statuses in which a behaviour is allowed, read from its source.

It may call `self._require_status(...)` with the statuses, as scaffolded code does, or compare its
status with them and raise an error. What stands inside of another condition does not count.
"""

import ast
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from .source import Behaviour
from .syntax import function_of, is_self, nodes_of, with_helpers

REQUIREMENT = "_require_status"


def statuses_allowed(behaviour: Behaviour, attribute: str, statuses: type[Enum]) -> set[Enum]:
    """Return the statuses in which a behaviour is not refused.

    Args:
        behaviour: of an aggregate.
        attribute: the aggregate's attribute with the status.
        statuses: all that there are.
    """
    function = function_of(behaviour.aggregate, behaviour.name)
    reader = _Reader(attribute, statuses, function.__globals__)
    allowed = set(statuses)
    for tree in with_helpers(behaviour.aggregate, function):
        for statement in _statements(tree):
            allowed -= reader.refused(statement)
    return allowed


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    for node in nodes_of(tree):
        if isinstance(node, ast.FunctionDef):
            yield from node.body


class _Reader:
    def __init__(self, attribute: str, statuses: type[Enum], names: Mapping[str, Any]) -> None:
        self._attribute = attribute
        self._statuses = statuses
        self._names = names

    def refused(self, statement: ast.stmt) -> set[Enum]:
        """Return the statuses in which a statement raises an error."""
        match statement:
            case ast.If(test, [*_, ast.Raise()]):
                return self._meeting(test)
            case ast.Expr(ast.Call(ast.Attribute(owner, name), arguments)):
                if name == REQUIREMENT and is_self(owner):
                    return self._others(self._members(ast.Tuple(arguments)))
        return set()

    def _meeting(self, test: ast.expr) -> set[Enum]:
        """Return the statuses that meet a condition on the status alone."""
        match test:
            case ast.Compare(ast.Attribute(owner, name), [operator], [right]):
                members = self._members(right)
                if name != self._attribute or not is_self(owner):
                    return set()
                if isinstance(operator, (ast.In, ast.Is, ast.Eq)):
                    return members
                return self._others(members)
        return set()

    def _members(self, node: ast.expr) -> set[Enum]:
        """Return the statuses that an expression names; none if it may name others as well."""
        match node:
            case ast.Name(name):
                named = self._names.get(name)
                values = set(named) if isinstance(named, (frozenset, set, tuple, list)) else set()
                return values if values <= set(self._statuses) else set()
            case ast.Set(elements) | ast.Tuple(elements) | ast.List(elements):
                members = [self._members(each) for each in elements]
                return set().union(*members) if all(members) else set()
            case ast.Attribute(ast.Name(name), member) if self._names.get(name) is self._statuses:
                return {self._statuses[member]}
        return set()

    def _others(self, members: set[Enum]) -> set[Enum]:
        """Return the statuses beside these; none if these are unknown."""
        return set(self._statuses) - members if members else set()
