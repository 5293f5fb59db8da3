"""The parts of a module: its definitions and statements, by names, with their rows."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from .edits import first_row, names, parsed, rows_of
from .formatting import EXEMPT
from .logical_lines import Line, keys_of, logical_lines

DOCSTRING = "docstring"

_EXEMPTIONS = re.compile(rf"\s*# noqa: ({'|'.join(EXEMPT)})(, ({'|'.join(EXEMPT)}))*$")


class Code:
    """A module and the positions of its parts.

    Args:
        text: of the module.

    Raises:
        SyntaxError: it is not valid Python.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = rows_of(text)
        self.tree = parsed(text)
        self.parts = self._parts(self.tree.body, 1)

    @cached_property
    def lines(self) -> list[tuple[int, Line]]:
        """Its logical lines, each with the number of its first row, from 1."""
        return logical_lines(self.text)

    def part(self, owner: str, name: str) -> "Part | None":
        """Return a definition at the top level, or a member of the class `owner`."""
        parts = self.parts
        if owner:
            parent = parts.get(owner)
            parts = {} if parent is None else self.members(parent)
        return parts.get(name)

    def members(self, part: "Part") -> "dict[str, Part]":
        """Return the parts of a class; none of another part, or of a class on one row."""
        node = part.node
        if not isinstance(node, ast.ClassDef) or node.body[0].lineno == node.lineno:
            return {}
        members = self._parts(node.body, node.lineno + 1)
        first = min(each.first for each in members.values())
        return {"": Part(self, None, part.first, first - 1)} | members

    def _parts(self, body: Sequence[ast.stmt], start: int) -> "dict[str, Part]":
        parts: dict[str, Part] = {}
        last = start - 1
        for node in body:
            first, end = self._first_row(node, last + 1), self._last_row(node)
            previous = next(reversed(parts.values()), None)
            if previous and (first <= last or _describes(node, previous.node)):
                # Two statements on one row are one part, and so is a name with its description.
                parts[next(reversed(parts))] = Part(self, None, previous.first, max(end, last))
            elif not isinstance(node, (ast.Import, ast.ImportFrom)):
                parts[_unused(_name(node), parts)] = Part(self, node, first, end)
            last = max(end, last)
        return parts

    def _first_row(self, node: ast.stmt, least: int) -> int:
        """Return the first row of a statement, with its decorators and the comments above it."""
        row = first_row(node)
        while row > least and self.rows[row - 2].lstrip().startswith("#"):
            row -= 1
        return row

    def _last_row(self, node: ast.stmt) -> int:
        """Return the last row of a statement, with the comments at the end of its block."""
        last = node.end_lineno or 0
        for number, row in enumerate(self.rows[last:], last + 1):
            text = row.lstrip()
            if text and not (text.startswith("#") and len(row) - len(text) > node.col_offset):
                break
            if text:
                last = number
        return last


@dataclass(frozen=True)
class Part:
    """A part of a module.

    Attributes:
        code: the module.
        node: of the syntax tree; None if there is not exactly one.
        first: its first row, from 1.
        last: its last row.
    """

    code: Code
    node: ast.stmt | None
    first: int
    last: int

    @property
    def text(self) -> str:
        """Its rows."""
        return "".join(self.code.rows[self.first - 1 : self.last])

    @property
    def lines(self) -> list[Line]:
        """Its logical lines."""
        return [line for row, line in self.code.lines if self.first <= row <= self.last]

    def says_the_same(self, other: "Part") -> bool:
        """Return whether it means the same; comments do not count."""
        if self.node is not None and other.node is not None:
            return ast.unparse(self.node) == ast.unparse(other.node)
        return self.keys == other.keys

    def is_same(self, other: "Part") -> bool:
        """Return whether it means the same, comments included."""
        return self.says_the_same(other) and self.comments == other.comments

    @property
    def keys(self) -> list[object]:
        """What its tokens mean."""
        return [keys_of(line) for line in self.lines]

    @property
    def comments(self) -> list[str]:
        """Its comments, without the exemptions that the formatter adds to what is long."""
        tokens = (token for line in self.lines for token in line if token.is_comment)
        return [text for token in tokens if (text := _EXEMPTIONS.sub("", token.text))]


@lru_cache(maxsize=512)
def code_of(text: str) -> Code:
    """Return a module's code; the same text is parsed once.

    Raises:
        SyntaxError: it is not valid Python.
    """
    return Code(text)


def _describes(node: ast.stmt, previous: ast.stmt | None) -> bool:
    """Return whether a statement is the docstring of the assignment before it."""
    return _is_text(node) and isinstance(previous, (ast.Assign, ast.AnnAssign))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _name(node: ast.stmt) -> str:
    """Return the name by which a statement is found again."""
    if defined := names(node):
        return ", ".join(defined)
    if _is_text(node):
        return DOCSTRING
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        subject = next((each.id for each in node.value.args if isinstance(each, ast.Name)), "")
        return f"{ast.unparse(node.value.func)}({subject})"
    return ast.unparse(node).partition("\n")[0]


def _unused(name: str, parts: Mapping[str, Part]) -> str:
    return name if name not in parts else _unused(f"{name}'", parts)
