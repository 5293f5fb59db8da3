"""Merges generated code into a module, definition by definition.

A definition is found by its name in the syntax tree, wherever people moved it. What a person has
edited stays; what the generator changed since it last wrote is brought in, as far as both leave
each other alone.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .code_parts import DOCSTRING, Code, Part, code_of
from .edits import last_import_row, parsed, with_import
from .logical_lines import keys_of, source
from .merging import merge_lines


@dataclass(frozen=True)
class Change:
    """Rows to put in the place of others.

    Attributes:
        first: the first row to replace, from 1.
        last: the last one; one less than `first` to insert.
        text: the new rows.
    """

    first: int
    last: int
    text: str


def merged(base: str | None, present: str, new: str, *, overwriting: bool = False) -> str:
    """Return a module with what the generator changed.

    Args:
        base: what the generator wrote last; None if that is not known.
        present: the module as it is.
        new: what the generator writes now.
        overwriting: where both changed the same, take what is new.

    Raises:
        SyntaxError: one of them is not valid Python.
    """
    code, generated = code_of(present), code_of(new)
    parts = code_of(base).parts if base is not None else {}
    changes = _changes(parts, code.parts, generated.parts, overwriting=overwriting)
    return _with_imports(_applied(code, changes), generated)


def is_same_code(left: str, right: str) -> bool:
    """Return whether two modules mean the same, comments included."""
    own, other = ([keys_of(line) for _, line in code_of(each).lines] for each in (left, right))
    return own == other


def merged_part(
    base: Part | None, present: Part, new: Part | None, *, overwriting: bool = False
) -> str:
    """Return a module with the changes to one of its parts; `new` is None to remove it."""
    changes = _changes(_named(base), _named(present), _named(new), overwriting=overwriting)
    return _applied(present.code, changes)


def _named(part: Part | None) -> dict[str, Part]:
    return {} if part is None else {"part": part}


def _changes(
    base: Mapping[str, Part],
    present: Mapping[str, Part],
    new: Mapping[str, Part],
    *,
    overwriting: bool,
) -> Iterator[Change]:
    for name, part in new.items():
        if name in present:
            yield from _changes_of(base.get(name), present[name], part, overwriting=overwriting)
        elif name not in base:  # otherwise somebody has removed it
            yield _insertion(name, present, new)
    for name, part in base.items():
        if name not in new and name in present and (overwriting or present[name].is_same(part)):
            yield _deletion(present[name])


def _changes_of(
    base: Part | None, present: Part, new: Part, *, overwriting: bool
) -> Iterator[Change]:
    """Yield the changes to a part that is there."""
    if present.says_the_same(new) or (base is not None and base.is_same(new)):
        return
    members = present.code.members(present), new.code.members(new)
    if base is not None and present.is_same(base):
        yield Change(present.first, present.last, new.text)
    elif all(members):
        own = base.code.members(base) if base is not None else {}
        yield from _changes(own, *members, overwriting=overwriting)
    else:
        lines = None if base is None else merge_lines(base.lines, present.lines, new.lines)
        text = None if lines is None else _valid(source(lines).lstrip("\n"), present)
        if text is not None or overwriting:
            yield Change(present.first, present.last, new.text if text is None else text)


def _valid(text: str, place: Part) -> str | None:
    """Return the text unless the module would be broken with it in a place."""
    try:
        # Unlike the parser, the compiler notices an argument that is given twice.
        module = _applied(place.code, [Change(place.first, place.last, text)])
        compile(module, "", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return text


def _insertion(name: str, present: Mapping[str, Part], new: Mapping[str, Part]) -> Change:
    """Return the insertion of a new part beside its nearest neighbour that is there."""
    order = list(new)
    position = order.index(name)
    text = new[name].text  # the formatter adds empty rows
    for neighbour in reversed(order[:position]):
        if neighbour in present:
            place = present[neighbour]
            imports = last_import_row(place.code.tree) if neighbour == DOCSTRING else 0
            row = max(place.last, imports)
            return Change(row + 1, row, text)
    for neighbour in order[position + 1 :]:
        if neighbour in present:
            row = present[neighbour].first
            return Change(row, row - 1, text)
    row = max((each.last for each in present.values()), default=0)
    return Change(row + 1, row, text)


def _deletion(part: Part) -> Change:
    """Return the deletion of a part, with the empty rows above it if more follow."""
    rows, first = part.code.rows, part.first
    if part.last == len(rows) or not rows[part.last].strip():
        while first > 1 and not rows[first - 2].strip():
            first -= 1
    return Change(first, part.last, "")


def _applied(code: Code, changes: Iterator[Change] | Sequence[Change]) -> str:
    """Return the code with changes, from its end to its beginning: so the rows above stay."""
    rows = list(code.rows)

    def position(item: tuple[int, Change]) -> tuple[int, bool, int]:
        number, change = item
        is_exchange = change.last >= change.first  # before insertions in front of the same row
        return change.first, is_exchange, number

    for _, change in sorted(enumerate(changes), key=position, reverse=True):
        rows[change.first - 1 : change.last] = [change.text] if change.text else []
    return "".join(rows)


def _with_imports(text: str, generated: Code) -> str:
    """Return the module with the imports that it needs and the generated one has."""
    used = set(re.findall(r"\w+", text))
    bound = {alias.asname or alias.name for _, alias in _imports(parsed(text).body)}
    for node, alias in _imports(generated.tree.body):
        name = alias.asname or alias.name
        if name in used - bound:
            text = with_import(text, ast.unparse(_import_of(node, alias)))
    return text


def _imports(
    statements: Sequence[ast.AST],
) -> Iterator[tuple[ast.Import | ast.ImportFrom, ast.alias]]:
    """Yield the imports of a module, those under conditions as well."""
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((node, alias) for alias in node.names)
        elif isinstance(node, (ast.If, ast.Try, ast.ExceptHandler)):
            yield from _imports(list(ast.iter_child_nodes(node)))


def _import_of(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    if isinstance(node, ast.Import):
        return ast.Import([alias])
    return ast.ImportFrom(node.module, [alias], node.level)
