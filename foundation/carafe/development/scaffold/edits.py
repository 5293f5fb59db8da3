"""Insertions into code that is there already, at places found by its syntax.

Nothing is changed that is not named, and what is there already is not inserted again. The
result is put into shape by the formatter, which also merges and sorts the imports.
"""

import ast
import textwrap
from collections.abc import Sequence


class NoPlace(Exception):
    """A file does not have the place where something belongs; the message says what is missing."""


def with_import(text: str, line: str) -> str:
    """Return the code with one more import at its top."""
    body = ast.parse(text).body
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    docstring = [node for node in body[:1] if isinstance(node, ast.Expr)]
    last = (imports or docstring or [None])[-1]
    at = (last.end_lineno or 0) if last is not None else 0
    return with_lines(text, at, line)


def with_local_import(text: str, function: str, line: str) -> str:
    """Return the code with one more import inside a function, behind those that are there.

    Raises:
        NoPlace: there is no such function at the top.
    """
    imported = {alias.name for alias in _imports(ast.parse(line))}
    if imported <= {alias.name for alias in _imports(ast.parse(text))}:
        return text
    owner = _function(text, function)
    first = owner.body[0]
    behind = [
        node
        for node in owner.body
        if isinstance(node, (ast.Import, ast.ImportFrom)) or (node is first and _is_text(node))
    ]
    at = (behind[-1].end_lineno or 0) if behind else first.lineno - 1
    return with_lines(text, at, textwrap.indent(line, "    "))


def without_deletion(text: str, function: str, name: str) -> str:
    """Return the code without the `del` of an argument that is used from now on.

    Raises:
        NoPlace: there is no such function, at the top or in a class.
    """
    lines = _lines(text)
    for node in _function(text, function).body:
        if isinstance(node, ast.Delete) and ast.unparse(node) == f"del {name}":
            return "".join([*lines[: node.lineno - 1], *lines[node.end_lineno :]])
    return text


def first_argument(text: str, function: str) -> str:
    """Return what a function calls its first argument.

    Raises:
        NoPlace: there is no such function, or it takes none.
    """
    for argument in _function(text, function).args.args:
        return argument.arg
    raise NoPlace(f"an argument of {function}")


def with_definition(
    text: str, definition: str, before: str | None = None, *, over: bool = False
) -> str:
    """Return the code with one more class, function or assignment at its top level.

    Args:
        text: the code.
        definition: what to add; left out if something of its name is there.
        before: the name that must follow it; None to stand at the end.
        over: put it in the place of another one of its name.

    Raises:
        NoPlace: there is no such name.
    """
    body = ast.parse(text).body
    added = ast.parse(definition).body[0]
    (name,) = names(added)
    for node in body:
        if name in names(node):
            return _exchanged(text, node, definition) if over else text
    at = next((at for at, node in enumerate(body) if before in names(node)), len(body))
    if before is not None and at == len(body):
        raise NoPlace(before)
    # Constants stand in one block.
    if at and isinstance(body[at - 1], ast.Assign) and isinstance(added, ast.Assign):
        return with_lines(text, body[at - 1].end_lineno or 0, definition)
    if before is None:
        return text.rstrip("\n") + f"\n\n\n{definition}\n"
    return with_lines(text, _first_line(body[at]) - 1, definition)


def with_definition_before_classes(text: str, definition: str, *, over: bool = False) -> str:
    """Return the code with one more definition that the classes in it may need."""
    body = ast.parse(text).body
    first = next((node.name for node in body if isinstance(node, ast.ClassDef)), None)
    return with_definition(text, definition, first, over=over)


def with_member(text: str, owner: str, member: str, *, over: bool = False) -> str:
    """Return the code with one more method or attribute in a class.

    Args:
        text: the code.
        owner: the class.
        member: what to add; left out if something of its name is there.
        over: put it in the place of another one of its name.

    Raises:
        NoPlace: there is no such class.
    """
    added = ast.parse(textwrap.dedent(member)).body[0]
    (name,) = names(added)
    node = class_of(text, owner)
    addition = textwrap.indent(textwrap.dedent(member).strip("\n"), "    ")
    for each in node.body:
        if name in names(each):
            return _exchanged(text, each, addition) if over else text
    if not isinstance(added, ast.AnnAssign):
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
    lines = _lines(text)
    opened = lines[end - 1].rstrip().removesuffix('"""')
    return "".join([*lines[: end - 1], f'{opened}\n{addition}\n    """\n', *lines[end:]])


def subclass_of(text: str, base: str) -> str | None:
    """Return the name of the first class at the top that extends another one by itself."""
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    named = (each.name for each in classes if base in map(ast.unparse, each.bases))
    return next(named, None)


def class_of(text: str, name: str) -> ast.ClassDef:
    """Return a class at the top.

    Raises:
        NoPlace: there is none of that name.
    """
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise NoPlace(f"a class {name}")


def names(node: ast.stmt) -> list[str]:
    """Return what a statement defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [each.id for each in targets if isinstance(each, ast.Name)]


def with_lines(text: str, after: int, addition: str) -> str:
    """Return the text with more lines after one, counted from 1."""
    lines = _lines(text)
    return "".join([*lines[:after], f"{addition}\n", *lines[after:]])


def _lines(text: str) -> list[str]:
    """Return the lines as the parser counts them, each with its end, the last one too."""
    # str.splitlines also splits at form feeds and the like.
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []


def _function(text: str, name: str) -> ast.FunctionDef:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise NoPlace(f"a function {name}")


def _imports(tree: ast.Module) -> list[ast.alias]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return [alias for node in nodes for alias in node.names]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(int(each.lineno) for each in decorators)])


def _exchanged(text: str, node: ast.stmt, instead: str) -> str:
    """Return the code with another definition in the place of one, unless they say the same."""
    if ast.unparse(ast.parse(textwrap.dedent(instead)).body[0]) == ast.unparse(node):
        return text
    lines = _lines(text)
    return "".join([*lines[: _first_line(node) - 1], f"{instead}\n", *lines[node.end_lineno :]])
