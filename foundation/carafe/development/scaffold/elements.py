"""Insertions into tuples, lists, sets and dicts in code."""

import ast
import re
from collections.abc import Iterator

from .edits import NoPlace, names, parsed

Container = ast.Tuple | ast.List | ast.Set | ast.Dict

# Calls that wrap a container, or make an empty one.
BRACES, BRACKETS, PARENTHESES = ("{", "}"), ("[", "]"), ("(", ")")
MAKERS = {
    "frozenset": BRACES,
    "set": BRACES,
    "dict": BRACES,
    "list": BRACKETS,
    "tuple": PARENTHESES,
}


def with_element(text: str, container: str, element: str) -> str:
    """Return the code with one more element in a named container.

    Args:
        text: the code.
        container: the name that it is assigned to, at any depth.
        element: a value, or `key: value`.

    Raises:
        NoPlace: there is no such container.
    """
    return _with_inner(text, _assigned(text, container), element)


def with_argument_element(text: str, call: str, argument: str, element: str) -> str:
    """Return the code with one more element in a container that is an argument of a call.

    Args:
        text: the code.
        call: the name of the function or class; its first call counts.
        argument: its keyword, added if the call lacks it.
        element: a value, or `key: value`.

    Raises:
        NoPlace: there is no such call, or the argument is no container.
    """
    keyword = _keyword(text, call, argument)
    if keyword is not None:
        if isinstance(keyword.value, ast.Name):
            return with_element(text, keyword.value.id, element)
        return _with_inner(text, keyword.value, element)
    opening, closing = BRACES if _is_entry(element) else BRACKETS
    return with_argument(text, call, argument, f"{opening}{element}{closing}")


def with_argument(text: str, call: str, name: str, value: str) -> str:
    """Return the code with one more argument in a call, unless it has one of this name.

    Raises:
        NoPlace: there is no such call.
    """
    node = _call(text, call)
    if node is None:
        raise NoPlace(f"a call of {call}")
    if has_argument(text, call, name):
        return text
    existing = [*node.args, *(each.value for each in node.keywords)]
    return _inserted(text, node, existing, f"{name}={value}")


def has_argument(text: str, call: str, name: str) -> bool:
    """Return whether the first call of a function or class has an argument."""
    return _keyword(text, call, name) is not None


def without_argument(text: str, call: str, name: str, value: str) -> str:
    """Return the code without an argument, unless it has another value."""
    keyword = _keyword(text, call, name)
    if keyword is None or ast.unparse(keyword.value) != value:
        return text
    return _cut(text, keyword, keyword)


def has_element(text: str, container: str, element: str) -> bool:
    """Return whether a named container has an element, or the key of an entry."""
    try:
        node = _inner(_assigned(text, container))
    except NoPlace:
        return False
    return node is not None and _key(element, node) in _keys(node)


def without_element(text: str, container: str, element: str) -> str:
    """Return the code without an element of a named container."""
    return _without(text, _inner(_assigned(text, container)), element)


def has_argument_element(text: str, call: str, argument: str, element: str) -> bool:
    """Return whether a container that is an argument of a call has an element."""
    node = _argument(text, call, argument)
    return node is not None and _key(element, node) in _keys(node)


def without_argument_element(text: str, call: str, argument: str, element: str) -> str:
    """Return the code without an element of a container that is an argument of a call."""
    return _without(text, _argument(text, call, argument), element)


def element_of_call(text: str, call: str, argument: str, name: str) -> str:
    """Return the element of such a container that calls a function or class; empty without one."""
    node = _argument(text, call, argument)
    found = (key for key in (_keys(node) if node is not None else ()) if key.startswith(f"{name}("))
    return next(found, "")


def calls(text: str, name: str) -> bool:
    """Return whether the code calls a function or class."""
    return any(_callee(each) == name for each in _calls(text))


def _with_inner(text: str, node: ast.expr, element: str) -> str:
    """Return the code with one more element in a container, or in the call that wraps it."""
    if isinstance(node, ast.Call) and _callee(node) in MAKERS:
        if not node.args and not node.keywords:
            opening, closing = MAKERS[_callee(node)]
            return _inserted(text, node, [], f"{opening}{element}{closing}")
        node = (node.args or [node])[0]
    if not isinstance(node, Container):
        raise NoPlace(f"a tuple, list, set or dict where it says {ast.unparse(node)}")
    if _key(element, node) in _keys(node):
        return text
    existing = node.values if isinstance(node, ast.Dict) else node.elts
    # A tuple of one element needs a comma after it.
    return _inserted(text, node, existing, f"{element}{',' if isinstance(node, ast.Tuple) else ''}")


def _inner(node: ast.expr) -> Container | None:
    """Return the container that an expression is or wraps."""
    if isinstance(node, ast.Call) and _callee(node) in MAKERS and node.args:
        node = node.args[0]
    return node if isinstance(node, Container) else None


def _argument(text: str, call: str, argument: str) -> Container | None:
    """Return the container that is an argument of the first call of a function or class."""
    keyword = _keyword(text, call, argument)
    if keyword is None:
        return None
    value = keyword.value
    return _inner(_assigned(text, value.id) if isinstance(value, ast.Name) else value)


def _keyword(text: str, call: str, name: str) -> ast.keyword | None:
    """Return an argument of the first call of a function or class."""
    node = _call(text, call)
    keywords = node.keywords if node is not None else []
    return next((each for each in keywords if each.arg == name), None)


def _call(text: str, name: str) -> ast.Call | None:
    """Return the first call of a function or class."""
    return next((each for each in _calls(text) if _callee(each) == name), None)


def _without(text: str, node: Container | None, element: str) -> str:
    if not element or node is None or _key(element, node) not in _keys(node):
        return text
    position = _keys(node).index(_key(element, node))
    values = node.values if isinstance(node, ast.Dict) else node.elts
    starts = node.keys if isinstance(node, ast.Dict) else node.elts
    return _cut(text, starts[position] or values[position], values[position])


def _cut(text: str, first: ast.expr | ast.keyword, last: ast.expr | ast.keyword) -> str:
    """Return the code without what stands from one node to another, and the comma after it."""
    start = _offset(text, first.lineno, first.col_offset)
    end = _offset(text, last.end_lineno, last.end_col_offset)
    after = re.match(r"\s*,[ \t]*", text[end:])
    return text[:start] + text[end + (after.end() if after else 0) :]


def _inserted(text: str, node: ast.expr, existing: list[ast.expr], addition: str) -> str:
    """Return the code with an addition before the closing bracket of an expression, if any."""
    end = _offset(text, node.end_lineno, node.end_col_offset)
    if not _is_bare(text, node):
        end -= 1
    comma = ""
    if existing:
        last = max(existing, key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0))
        rest = text[_offset(text, last.end_lineno, last.end_col_offset) : end]
        comma = "" if "," in re.sub(r"#[^\n]*", "", rest) else ","
    return f"{text[:end]}{comma} {addition}{text[end:]}"


def _is_bare(text: str, node: ast.expr) -> bool:
    """Return whether an expression is a tuple without brackets."""
    if not isinstance(node, ast.Tuple):
        return False
    start = _offset(text, node.lineno, node.col_offset)
    source = text[start : _offset(text, node.end_lineno, node.end_col_offset)]
    try:
        ast.parse(f"[{source[1:-1]}]")  # `(a), (b)` has brackets at both ends, but none around it
    except SyntaxError:
        return True
    return not source.startswith("(")


def _offset(text: str, line: int | None, column: int | None) -> int:
    """Return the offset of a position in a syntax tree, which counts columns in bytes."""
    lines = text.split("\n")
    row = (line or 1) - 1
    return sum(len(each) + 1 for each in lines[:row]) + len(
        lines[row].encode()[: column or 0].decode()
    )


def _assigned(text: str, name: str) -> ast.expr:
    for node in ast.walk(parsed(text)):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in names(node) and node.value:
            return node.value
    raise NoPlace(f"a tuple, list, set or dict {name}")


def _calls(text: str) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(parsed(text)) if isinstance(node, ast.Call))


def _callee(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def _keys(node: Container) -> list[str]:
    if isinstance(node, ast.Dict):
        entries = zip(node.keys, node.values, strict=True)
        return [ast.unparse(key) if key else f"**{ast.unparse(each)}" for key, each in entries]
    return [ast.unparse(each) for each in node.elts]


def _key(element: str, node: Container) -> str:
    if not isinstance(node, ast.Dict):
        return ast.unparse(ast.parse(f"[{element}]", mode="eval").body)[1:-1]
    expression = ast.parse(f"{{{element}}}", mode="eval").body
    return _keys(expression)[0] if isinstance(expression, ast.Dict) else ""


def _is_entry(element: str) -> bool:
    return isinstance(ast.parse(f"{{{element}}}", mode="eval").body, ast.Dict)
