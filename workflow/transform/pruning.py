"""Takes things out of code together with everything that speaks of them.

What is gone is named by module: whole modules, and names in modules that stay. An import of
something gone goes, a class that builds on it, a function whose signature needs it, an entry of
a tuple or a dict, an operand of a union, and a statement that uses it. What went is gone for the
modules that import it in turn, until nothing more is found. A test that uses something gone
goes whole: half of one would prove nothing.
"""

import ast
from collections.abc import Mapping, Sequence

from .cuts import Cuts
from .gone import Gone

COMPREHENSIONS = (ast.DictComp, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.comprehension)

Definition = ast.ClassDef | ast.FunctionDef


def pruned(sources: Mapping[str, str], gone: Gone) -> dict[str, str]:
    """Return modules, by dotted name, without what is gone; `gone` learns what went with it."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    while True:
        before = gone.size()
        found = {name: _Pruner(name, sources[name], gone).of(trees[name]) for name in sources}
        if gone.size() == before:
            return found


class _Pruner:
    """Takes out of one module what is gone."""

    def __init__(self, module: str, source: str, gone: Gone) -> None:
        self._package = module.split(".")[:-1]
        self._gone = gone
        self._source = source
        self._own = gone.names.setdefault(module, set())
        self._is_test = module.startswith("tests.")
        self._local: set[str] = self._own | (gone.fixtures() if self._is_test else set())
        self._cuts = Cuts(source)

    def of(self, tree: ast.Module) -> str:
        """Return the source of a module without what is gone."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                self._local |= set(self._gone.imported(node, self._package).values())
        self._body(tree.body, None)
        return self._cuts.applied()

    def _body(self, statements: Sequence[ast.stmt], owner: Definition | None) -> bool:
        """Cut what goes out of a body, and tell whether nothing is left that does something."""
        gone = [self._statement(each, owner) for each in statements]
        for each, is_gone in zip(statements, gone, strict=True):
            if is_gone:
                self._cuts.statement(each)
        return all(gone)

    def _statement(self, node: ast.stmt, owner: Definition | None) -> bool:
        """Tell whether a statement goes; if not, cut out of it what does."""
        if isinstance(node, ast.ImportFrom):
            return self._import(node)
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            return self._definition(node, owner)
        if isinstance(node, (ast.If, ast.While)) and self._mentions(node.test):
            return True
        bodies = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
        if bodies[0]:
            return self._body(bodies[0], owner) | any(
                self._body(each, owner) for each in bodies[1:] if each
            )
        return self._simple(node, owner)

    def _import(self, node: ast.ImportFrom) -> bool:
        dead = self._gone.imported(node, self._package)
        kept = [each for each in node.names if each.name not in dead]
        if dead and kept:
            left = ast.ImportFrom(module=node.module, names=kept, level=node.level)
            self._cuts.replace(node, ast.unparse(left))
        return not kept

    def _definition(self, node: Definition, owner: Definition | None) -> bool:
        named = node.name in (self._gone.attributes if owner else self._own)
        needs = self._needs_class(node) if isinstance(node, ast.ClassDef) else self._needs(node)
        if named or needs or (self._body(node.body, node) and not isinstance(node, ast.ClassDef)):
            self._forget(node.name, owner)
            return True
        return False

    def _needs_class(self, node: ast.ClassDef) -> bool:
        if any(map(self._mentions, node.bases)):
            return True
        if not self._is_test:
            return False
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        needed = [each for each in methods if each.name not in self._gone.attributes]
        return any(map(self._mentions, fields)) or any(map(self._needs, needed))

    def _needs(self, node: ast.FunctionDef) -> bool:
        """Tell whether a function makes no sense without what is gone."""
        if self._is_test:
            return self._speaks(node) or self._mentions(node)
        for each in ast.walk(node):
            if isinstance(each, ast.ImportFrom) and self._gone.imported(each, self._package):
                return True
            if isinstance(each, ast.Return) and self._mentions(each):
                return True
        return self._mentions(node.args) or (
            node.returns is not None and self._mentions(node.returns)
        )

    def _simple(self, node: ast.stmt, owner: Definition | None) -> bool:
        spoken = self._is_test and owner is None and self._speaks(node)
        if not spoken and not self._mentions(node):
            return False
        if not spoken and self._lightened(node):
            return False
        for target in [*getattr(node, "targets", []), getattr(node, "target", None)]:
            if isinstance(target, ast.Name) and not isinstance(owner, ast.FunctionDef):
                self._forget(target.id, owner)
        return True

    def _lightened(self, node: ast.stmt) -> bool:
        """Cut entries and operands out of a statement; tell whether it is clean then."""
        value = getattr(node, "value", None)
        parts = [each for each in (value, getattr(node, "annotation", None)) if each is not None]
        targets = [*getattr(node, "targets", []), getattr(node, "target", None)]
        if any(self._mentions(each) for each in targets if each is not None):
            return False
        return bool(parts) and all(self._clean(each) for each in parts)

    def _clean(self, node: ast.AST) -> bool:  # noqa: PLR0911 - one answer a form
        """Cut what goes out of an expression; tell whether the rest can stay."""
        if not self._mentions(node):
            return True
        if isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values, strict=True))
            dead = [any(self._mentions(each) for each in pair if each) for pair in pairs]
            self._cuts.entries(node, [key or value for key, value in pairs], node.values, dead)
            return True
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            keeps = (lambda each: not self._mentions(each)) if self._is_test else self._clean
            dead = [not keeps(each) for each in node.elts]
            if isinstance(node, ast.Set) and all(dead):
                return False
            self._cuts.entries(node, node.elts, node.elts, dead)
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"TypeVar", "frozenset"}:
            dead = [not self._clean(each) for each in node.args]
            self._cuts.entries(node, node.args, node.args, dead)
            return True
        if isinstance(node, COMPREHENSIONS):
            return all(map(self._clean, ast.iter_child_nodes(node)))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._union(node)
        return False

    def _union(self, node: ast.BinOp) -> bool:
        if self._mentions(node.right) and not self._mentions(node.left):
            self._cuts.between(node.left, node)
            return True
        if isinstance(node.left, ast.BinOp) and not self._mentions(node.right):
            return self._clean(node.left)
        return False

    def _forget(self, name: str, owner: Definition | None) -> None:
        """Note that a definition went: from the module, or from its class."""
        if owner is None:
            self._own.add(name)
            self._local.add(name)
        elif isinstance(owner, ast.ClassDef) and not self._is_test and not name.startswith("__"):
            self._gone.attributes.add(name)

    def _speaks(self, node: ast.AST) -> bool:
        return bool(self._gone.spoken.search(self._cuts.text_of(node)))

    def _mentions(self, node: ast.AST) -> bool:
        return any(map(self._is_gone, ast.walk(node)))

    def _is_gone(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value in self._gone.texts or node.value in self._local
        if isinstance(node, ast.Attribute):
            return node.attr in self._gone.attributes
        if isinstance(node, ast.arg):
            return node.arg in self._local
        return isinstance(node, ast.Name) and node.id in self._local
