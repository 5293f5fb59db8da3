"""Source text in the form that mutmut can mutate.

It leaves functions with decorators as they are, since a copy of a decorated function may be
registered twice. Ours register nothing, so the decorator is applied in a statement of its own.
"""

import ast

MUTATED_WITH_ITS_DECORATOR = {"staticmethod", "classmethod"}
ONE_OF_SEVERAL = {"overload", "setter"}


def undecorated(source: str) -> str:
    """Return source text that does the same, with `name = decorator(name)` behind functions."""
    lines = source.splitlines()
    for function in sorted(_decorated(source), key=lambda each: -each.lineno):
        (decorator,) = function.decorator_list
        indent = " " * function.col_offset
        applied = f"{indent}{function.name} = {ast.unparse(decorator)}({function.name})"
        lines.insert(function.end_lineno or function.lineno, applied)
        del lines[decorator.lineno - 1 : decorator.end_lineno]
    return "\n".join(lines) + "\n"


def _decorated(source: str) -> list[ast.FunctionDef]:
    return [
        each
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.FunctionDef)
        and len(each.decorator_list) == 1
        and _name_of(each.decorator_list[0]) not in MUTATED_WITH_ITS_DECORATOR | ONE_OF_SEVERAL
    ]


def _name_of(decorator: ast.expr) -> str:
    return ast.unparse(decorator).split("(")[0].rpartition(".")[2]
