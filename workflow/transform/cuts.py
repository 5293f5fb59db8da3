"""Pieces cut out of a source by the places of its syntax tree; everything else stays as it is."""

import ast
from collections.abc import Sequence


class Cuts:
    """Collects what goes out of one source.

    Args:
        source: whose places the nodes have.
    """

    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self._starts = [0]
        for line in self._bytes.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._found: list[tuple[int, int, bytes]] = []

    def statement(self, node: ast.stmt) -> None:
        """Cut out whole lines, with decorators, and comments directly above."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)])
        while first > 1 and self._line(first - 1).lstrip().startswith(b"#"):
            first -= 1
        self._found.append((self._starts[first - 1], self._starts[node.end_lineno or first], b""))

    def replace(self, node: ast.stmt, text: str) -> None:
        """Put something else in the place of a node."""
        self._found.append((self._start(node), self._end(node), text.encode()))

    def between(self, kept: ast.expr, whole: ast.expr) -> None:
        """Cut out what stands in an expression behind its first part."""
        self._found.append((self._end(kept), self._end(whole), b""))

    def entries(
        self,
        container: ast.expr,
        firsts: Sequence[ast.expr],
        lasts: Sequence[ast.expr],
        dead: Sequence[bool],
    ) -> None:
        """Cut entries out of a tuple, a list, a set, a dict or a call.

        Args:
            container: that holds them.
            firsts: where each entry begins.
            lasts: where each entry ends.
            dead: whether each goes.
        """
        starts = [self._entry_start(each) for each in firsts]
        if all(dead) and dead:
            self._found.append((starts[0], self._end(container) - 1, b""))
            return
        kept = [at for at, is_dead in enumerate(dead) if not is_dead]
        for at, is_dead in enumerate(dead):
            if is_dead and at < kept[-1]:
                self._found.append((starts[at], starts[at + 1], b""))
        if kept and kept[-1] < len(dead) - 1:
            single = isinstance(container, ast.Tuple) and len(kept) == 1
            end = self._end(container) - (
                1 if self._bytes[self._end(container) - 1] in b")]}" else 0
            )
            self._found.append((self._end(lasts[kept[-1]]), end, b"," if single else b""))

    def applied(self) -> str:
        """Return the source without what was cut out."""
        pieces, at = [], 0
        for start, end, text in sorted(self._found, key=lambda each: (each[0], -each[1])):
            if start >= at:
                pieces += [self._bytes[at:start], text]
                at = end
        return b"".join([*pieces, self._bytes[at:]]).decode()

    def text_of(self, node: ast.AST) -> str:
        """Return a node's own source, with its decorators."""
        if not isinstance(node, (ast.stmt, ast.expr)):
            return ""
        decorators = getattr(node, "decorator_list", [])
        start = min([self._start(node), *map(self._start, decorators)])
        return self._bytes[start : self._end(node)].decode()

    def _entry_start(self, node: ast.expr) -> int:
        """Return where an entry begins: `**` of a dict's belongs to it."""
        start = self._start(node)
        return start - 2 if self._bytes[start - 2 : start] == b"**" else start

    def _line(self, number: int) -> bytes:
        return self._bytes[self._starts[number - 1] : self._starts[number]]

    def _start(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
