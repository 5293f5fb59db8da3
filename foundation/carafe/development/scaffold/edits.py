"""Insertions into existing code, at places found in its syntax tree.

Nothing else in the code changes, and a definition that exists is not inserted again. The
formatter lays out the result afterwards, and merges and sorts the imports.
"""

import ast
import textwrap
from collections.abc import Sequence
from functools import lru_cache


class NoPlace(Exception):
    """A file lacks the place for an insertion; the message says what is missing."""


@lru_cache(maxsize=512)
def parsed(text: str) -> ast.Module:
    """Return the syntax tree of code, which nobody changes; the same text is parsed once.

    Raises:
        SyntaxError: it is not valid Python.
    """
    return ast.parse(text)


def with_import(text: str, line: str) -> str:
    """Return the code with one more import at its top; a row that is there is not repeated."""
    if f"\n{line}\n" in text:
        return text
    return with_lines(text, last_import_row(parsed(text)), line)


def last_import_row(tree: ast.Module) -> int:
    """Return the last row of the docstring and the imports that a module begins with; or 0."""
    row = 0
    for node in tree.body:
        if not _is_text(node) and not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        row = node.end_lineno or 0
    return row


def with_local_import(text: str, function: str, line: str) -> str:
    """Return the code with one more import inside a function, after the existing ones.

    Raises:
        NoPlace: there is no such function.
    """
    new_names = {alias.name for alias in _imports(parsed(line))}
    if new_names <= {alias.name for alias in _imports(parsed(text))}:
        return text
    owner = _function(text, function)
    first = owner.body[0]
    preceding = [
        node
        for node in owner.body
        if isinstance(node, (ast.Import, ast.ImportFrom)) or (node is first and _is_text(node))
    ]
    at = (preceding[-1].end_lineno or 0) if preceding else first.lineno - 1
    return with_lines(text, at, textwrap.indent(line, "    "))


def without_deletion(text: str, function: str, name: str) -> str:
    """Return the code without the `del` of an argument that is now used.

    Raises:
        NoPlace: there is no such function.
    """
    lines = rows_of(text)
    for node in _function(text, function).body:
        if isinstance(node, ast.Delete) and ast.unparse(node) == f"del {name}":
            return "".join([*lines[: node.lineno - 1], *lines[node.end_lineno :]])
    return text


def first_argument(text: str, function: str) -> str:
    """Return the name of a function's first parameter.

    Raises:
        NoPlace: there is no such function, or it has no parameter.
    """
    for argument in _function(text, function).args.args:
        return argument.arg
    raise NoPlace(f"an argument of {function}")


def with_definition(text: str, definition: str, before: str | None = None) -> str:
    """Return the code with one more class, function or assignment at its top level.

    Args:
        text: the code.
        definition: what to add, unless something of this name exists.
        before: the name to insert it in front of; None for the end of the code.

    Raises:
        NoPlace: the name `before` is not defined.
    """
    body = parsed(text).body
    statement = parsed(definition).body[0]
    (name,) = names(statement)
    if any(name in names(node) for node in body):
        return text
    at = next((at for at, node in enumerate(body) if before in names(node)), len(body))
    if before is not None and at == len(body):
        raise NoPlace(before)
    # Constants stand in one block.
    if at and isinstance(body[at - 1], ast.Assign) and isinstance(statement, ast.Assign):
        return with_lines(text, body[at - 1].end_lineno or 0, definition)
    if before is None:
        return text.rstrip("\n") + f"\n\n\n{definition}\n"
    return with_lines(text, first_row(body[at]) - 1, definition)


def with_definition_before_classes(text: str, definition: str) -> str:
    """Return the code with one more definition in front of the classes, which may use it."""
    body = parsed(text).body
    first = next((node.name for node in body if isinstance(node, ast.ClassDef)), None)
    return with_definition(text, definition, first)


def with_member(text: str, owner: str, member: str) -> str:
    """Return the code with one more method or attribute in a class.

    Args:
        text: the code.
        owner: the class.
        member: what to add, unless something of this name exists.

    Raises:
        NoPlace: there is no such class.
    """
    statement = parsed(textwrap.dedent(member)).body[0]
    (name,) = names(statement)
    node = class_of(text, owner)
    addition = textwrap.indent(textwrap.dedent(member).strip("\n"), "    ")
    if any(name in names(each) for each in node.body):
        return text
    if not isinstance(statement, ast.AnnAssign):
        return with_lines(text, node.body[-1].end_lineno or 0, f"\n{addition}")
    before = [each for each in node.body if isinstance(each, ast.AnnAssign) or _is_text(each)]
    at = (before[-1].end_lineno or 0) if before else node.body[0].lineno - 1
    return with_lines(text, at, addition)


def with_described_attribute(text: str, owner: str, line: str) -> str:
    """Return the code with one more attribute described in a class's docstring.

    Raises:
        NoPlace: there is no such class, or it has no docstring.
    """
    docstring = class_of(text, owner).body[0]
    description = ast.get_docstring(class_of(text, owner))
    if description is None:
        raise NoPlace(f"a docstring of {owner}")
    if line.strip() in description:
        return text
    section = "" if "Attributes:" in description else "\n    Attributes:\n"
    addition = section + textwrap.indent(line, "        ")
    end = docstring.end_lineno or 0
    if end > docstring.lineno:
        return with_lines(text, end - 1, addition)
    lines = rows_of(text)
    opening = lines[end - 1].rstrip().removesuffix('"""')
    return "".join([*lines[: end - 1], f'{opening}\n{addition}\n    """\n', *lines[end:]])


def subclass_of(text: str, base: str) -> str | None:
    """Return the name of the first top-level class that extends a class directly."""
    classes = [node for node in parsed(text).body if isinstance(node, ast.ClassDef)]
    subclasses = (each.name for each in classes if base in map(ast.unparse, each.bases))
    return next(subclasses, None)


def class_of(text: str, name: str) -> ast.ClassDef:
    """Return a top-level class.

    Raises:
        NoPlace: there is no such class.
    """
    for node in parsed(text).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise NoPlace(f"a class {name}")


def names(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return [node.name]
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [each.id for each in targets if isinstance(each, ast.Name)]


def with_lines(text: str, after: int, addition: str) -> str:
    """Return the text with lines inserted after the line of a number, counted from 1."""
    lines = rows_of(text)
    return "".join([*lines[:after], f"{addition}\n", *lines[after:]])


def rows_of(text: str) -> list[str]:
    """Return the lines as the parser counts them, each with a line feed at its end."""
    # str.splitlines would also split at form feeds and other separators.
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []


def _function(text: str, name: str) -> ast.FunctionDef:
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise NoPlace(f"a function {name}")


def _imports(tree: ast.Module) -> list[ast.alias]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [alias for node in nodes for alias in node.names]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def first_row(node: ast.stmt) -> int:
    """Return the first line of a statement, with its decorators."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(int(each.lineno) for each in decorators)])
