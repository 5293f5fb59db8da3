"""What a process does with its steps, read from the source of its methods."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from carafe.domain.steps import Step

from .syntax import nodes_of

VERBS = {
    "begin": "begins {}",
    "complete": "completes {}",
    "fail": "fails {}",
    "confirm_undo": "has undone {}",
    "undo": "undoes what was done",
    "end": "ends",
}
"""By the method that is called, with the step that is its first argument."""


def step_changes(trees: Iterable[ast.AST], names: Mapping[str, Any]) -> Iterator[str]:
    """Yield what becomes of steps: `completes sending`, `begins return`, `ends`.

    Args:
        trees: of a method of a process, and of its helpers.
        names: the globals of its module.
    """
    for tree in trees:
        calls = [node for node in nodes_of(tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
            match call.func:
                case ast.Attribute(ast.Name(), verb) if verb in VERBS:
                    step = _step(call.args[0], tree, names) if call.args else None
                    yield VERBS[verb].format(step.name if step else "a step")


def _step(node: ast.expr, tree: ast.AST, names: Mapping[str, Any]) -> Step | None:
    """Return the step that `SENDING` names, or a variable that holds `replace(SENDING, ...)`."""
    match node:
        case ast.Call(ast.Name("replace"), [first, *_]):
            return _step(first, tree, names)
        case ast.Name(name) if isinstance(step := names.get(name), Step):
            return step
        case ast.Name(name):
            values = _assigned(name, tree)
            return _step(values[0], tree, names) if len(values) == 1 else None
    return None


def _assigned(name: str, tree: ast.AST) -> list[ast.expr]:
    """Return what is assigned to a variable, itself excepted."""
    return [
        node.value
        for node in nodes_of(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id == name
        if not (isinstance(node.value, ast.Name) and node.value.id == name)
    ]
