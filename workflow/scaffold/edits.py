"""Insertions into code that is there already, at places found by its syntax.

Nothing is changed that is not named, and what is there already is not inserted again. The
result is put into shape by the formatter, which also merges and sorts the imports.
"""

import ast
import re
import textwrap
from collections.abc import Sequence

Container = ast.Tuple | ast.List | ast.Set | ast.Dict


class NoPlace(Exception):
    """A file does not have the place where something belongs; the message says what is missing."""


def with_import(text: str, line: str) -> str:
    """Return the code with one more import at its top."""
    body = ast.parse(text).body
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    docstring = [node for node in body[:1] if isinstance(node, ast.Expr)]
    last = (imports or docstring or [None])[-1]
    at = (last.end_lineno or 0) if last is not None else 0
    return _with_lines(text, at, line)


def with_type_checking_import(text: str, line: str) -> str:
    """Return the code with one more import that only the type checker does."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            present = [ast.unparse(each) for each in node.body]
            if line in present:
                return text
            return _with_lines(text, node.body[-1].end_lineno or 0, textwrap.indent(line, "    "))
    raise NoPlace("an `if TYPE_CHECKING:` with imports")


def has_definition(text: str, name: str) -> bool:
    """Tell whether a class, function or name is defined at the top."""
    return any(name in _names(node) for node in ast.parse(text).body)


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
    (name,) = _names(ast.parse(definition).body[0])
    for node in body:
        if name in _names(node):
            return _exchanged(text, node, definition) if over else text
    if before is None:
        return text.rstrip("\n") + f"\n\n\n{definition}\n"
    for node in body:
        if before in _names(node):
            return _with_lines(text, _first_line(node) - 1, definition)
    raise NoPlace(before)


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
    (name,) = _names(ast.parse(textwrap.dedent(member)).body[0])
    node = _class(text, owner)
    addition = textwrap.indent(textwrap.dedent(member).strip("\n"), "    ")
    for each in node.body:
        if name in _names(each):
            return _exchanged(text, each, addition) if over else text
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    is_field = isinstance(ast.parse(textwrap.dedent(member)).body[0], ast.AnnAssign)
    last = fields[-1] if is_field and fields else node.body[-1]
    return _with_lines(text, last.end_lineno or 0, addition if is_field else f"\n{addition}")


def with_element(text: str, container: str, element: str) -> str:
    """Return the code with one more element in a tuple, list, set or dict.

    Args:
        text: the code.
        container: the name that it is assigned to, anywhere.
        element: a value, or `key: value`.

    Raises:
        NoPlace: there is no such container.
    """
    node = _container(text, container)
    if _key(element, node) in _keys(node):
        return text
    lines = text.splitlines(keepends=True)
    row, column = (node.end_lineno or 1) - 1, (node.end_col_offset or 1) - 1
    column = len(lines[row].encode()[:column].decode())
    inner = _inside(text, node).strip()
    comma = "" if not inner or inner.endswith(",") else ","
    end = "," if isinstance(node, ast.Tuple) else ""
    lines[row] = f"{lines[row][:column].rstrip()}{comma} {element}{end}{lines[row][column:]}"
    return "".join(lines)


def with_statement_after_last(text: str, calls: str, statement: str) -> str:
    """Return the code with one more statement behind the last call of certain functions.

    Args:
        text: the code.
        calls: a regular expression for the functions' names.
        statement: what to add.

    Raises:
        NoPlace: there is no such call.
    """
    found = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and re.fullmatch(calls, ast.unparse(node.value.func))
    ]
    if not found:
        raise NoPlace(f"a call of {calls}")
    if statement in [ast.unparse(each) for each in found]:
        return text
    return _with_lines(text, found[-1].end_lineno or 0, statement)


def with_docstring_line(text: str, owner: str, line: str) -> str:
    """Return the code with one more line at the end of a class's docstring.

    Raises:
        NoPlace: there is no such class with a docstring of several lines.
    """
    node = _class(text, owner)
    docstring = node.body[0]
    if ast.get_docstring(node) is None or docstring.end_lineno == docstring.lineno:
        raise NoPlace(f"a docstring of {owner} with its attributes")
    if line.strip() in (ast.get_docstring(node) or ""):
        return text
    return _with_lines(text, (docstring.end_lineno or 0) - 1, textwrap.indent(line, "        "))


def _class(text: str, name: str) -> ast.ClassDef:
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return node
    raise NoPlace(f"a class {name}")


def _container(text: str, name: str) -> Container:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in _names(node):
            value = node.value
            if isinstance(value, ast.Call) and value.args:  # frozenset({...})
                value = value.args[0]
            if isinstance(value, Container):
                return value
    raise NoPlace(f"a tuple, list, set or dict {name}")


def _keys(node: Container) -> list[str]:
    if isinstance(node, ast.Dict):
        return [ast.unparse(each) for each in node.keys if each is not None]
    return [ast.unparse(each) for each in node.elts]


def _key(element: str, node: Container) -> str:
    if not isinstance(node, ast.Dict):
        return ast.unparse(ast.parse(f"[{element}]", mode="eval").body)[1:-1]
    made = ast.parse(f"{{{element}}}", mode="eval").body
    return _keys(made)[0] if isinstance(made, ast.Dict) else ""


def _inside(text: str, node: Container) -> str:
    source = ast.get_source_segment(text, node) or "()"
    code = "\n".join(line.split("  #")[0] for line in source.splitlines())
    return code[1:-1]


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [each.id for each in targets if isinstance(each, ast.Name)]


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(int(each.lineno) for each in decorators)])


def _exchanged(text: str, node: ast.stmt, instead: str) -> str:
    """Return the code with another definition in the place of one, unless they say the same."""
    if ast.unparse(ast.parse(textwrap.dedent(instead)).body[0]) == ast.unparse(node):
        return text
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: _first_line(node) - 1], f"{instead}\n", *lines[node.end_lineno :]])


def _with_lines(text: str, after: int, addition: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:after], f"{addition}\n", *lines[after:]])
