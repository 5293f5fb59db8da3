"""The syntax trees of functions, and what is called in them."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from carafe.domain.model import AggregateRoot


@functools.cache
def tree_of(function: Callable[..., Any]) -> ast.AST:
    """Return the syntax tree of a function without its decorators."""
    return ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))


@functools.cache
def nodes_of(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return the nodes of a syntax tree, which are asked for again and again."""
    return tuple(ast.walk(tree))


def attributes_called(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield each `x.name` in a call `x.name(...)`, in the order of the source."""
    calls = [node.func for node in nodes_of(tree) if isinstance(node, ast.Call)]
    attributes = [each for each in calls if isinstance(each, ast.Attribute)]
    yield from sorted(attributes, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0))


def is_self(node: ast.AST) -> bool:
    """Return whether a node is `self` or `cls`."""
    return isinstance(node, ast.Name) and node.id in {"self", "cls"}


def function_of(aggregate: type[AggregateRoot], name: str) -> FunctionType:
    """Return the function behind a method of an aggregate."""
    method = vars(aggregate)[name]
    function: FunctionType = getattr(method, "__func__", method)
    return function


def with_helpers(
    owner: type, function: Callable[..., Any], visited: frozenset[str] = frozenset()
) -> Iterator[ast.AST]:
    """Yield the syntax trees of a method and of the helpers that it calls on `self`."""
    tree = tree_of(function)
    yield tree
    for called in attributes_called(tree):
        helper = vars(owner).get(called.attr)
        if is_self(called.value) and inspect.isfunction(helper) and called.attr not in visited:
            yield from with_helpers(owner, helper, visited | {called.attr})
