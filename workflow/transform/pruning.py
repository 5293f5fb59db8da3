"""Takes things out of code together with everything that speaks of them.

What is gone is named by module: whole modules, and names in modules that stay. An import of
something gone goes, a class that builds on it, a function whose signature needs it, an entry of
a tuple or a dict, an operand of a union, and a statement that uses it. What went is gone for the
modules that import it in turn, until nothing more is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst
import libcst.matchers as m

Modules = Mapping[str, str]
"""Source by dotted module name."""


@dataclass
class Gone:
    """What is no more.

    Attributes:
        modules: dotted names; what lies within a package is gone with it.
        names: of modules that stay: what they defined.
        attributes: names of attributes that no object has any more.
        texts: string literals that nothing may mention, such as the name of a setting.
    """

    modules: set[str]
    names: dict[str, set[str]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def has_module(self, name: str) -> bool:
        """Tell whether a module, or a package around it, is gone."""
        return any(name == each or name.startswith(f"{each}.") for each in self.modules)

    def size(self) -> int:
        """Return how much is gone, to see whether it became more."""
        return len(self.attributes) + sum(map(len, self.names.values()))


def pruned(sources: Modules, gone: Gone) -> dict[str, str]:
    """Return the modules without what is gone; `gone` learns what went with it."""
    while True:
        before = gone.size()
        found = {name: _without(name, source, gone) for name, source in sources.items()}
        if gone.size() == before:
            return found


def _without(module: str, source: str, gone: Gone) -> str:
    tree = cst.parse_module(source)
    pruner = _Pruner(module, tree, gone)
    return tree.visit(pruner).code


def _package_of(module: str) -> list[str]:
    return module.split(".")[:-1]


class _Pruner(cst.CSTTransformer):
    """Takes out of one module what is gone."""

    def __init__(self, module: str, tree: cst.Module, gone: Gone) -> None:
        self._package = _package_of(module)
        self._gone = gone
        self._own = gone.names.setdefault(module, set())
        self._local: set[str] = set(self._own)
        self._scopes: list[str] = []
        for node in m.findall(tree, m.ImportFrom()):
            if isinstance(node, cst.ImportFrom):
                self._local |= set(self._dead_aliases(node).values())

    # Imports

    def leave_ImportFrom(  # noqa: N802 - libcst's name
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        dead = self._dead_aliases(original_node)
        if not dead or isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [each for each in updated_node.names if each.evaluated_name not in dead]
        if not kept:
            return cst.RemoveFromParent()
        last = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=[*kept[:-1], last])

    def _dead_aliases(self, node: cst.ImportFrom) -> dict[str, str]:
        """Return the imported names that are gone, each with the name it has here."""
        if isinstance(node.names, cst.ImportStar):
            return {}
        base = self._absolute(node)
        return {
            each.evaluated_name: each.evaluated_alias or each.evaluated_name
            for each in node.names
            if self._gone.has_module(base)
            or self._gone.has_module(f"{base}.{each.evaluated_name}")
            or each.evaluated_name in self._gone.names.get(base, ())
        }

    def _absolute(self, node: cst.ImportFrom) -> str:
        own = cst.Module([]).code_for_node(node.module) if node.module else ""
        if not node.relative:
            return own
        above = self._package[: len(self._package) - len(node.relative) + 1]
        return ".".join([*above, own]).rstrip(".")

    # Definitions

    def visit_ClassDef(self, node: cst.ClassDef) -> None:  # noqa: N802 - libcst's name
        self._scopes.append(node.name.value)

    def leave_ClassDef(  # noqa: N802 - libcst's name
        self, original_node: cst.ClassDef, updated_node: cst.ClassDef
    ) -> cst.ClassDef | cst.RemovalSentinel:
        self._scopes.pop()
        named = not self._scopes and original_node.name.value in self._own
        if named or any(map(self._mentions, original_node.bases)):
            self._forget(original_node.name.value)
            return cst.RemoveFromParent()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802 - libcst's name
        self._scopes.append(node.name.value)

    def leave_FunctionDef(  # noqa: N802 - libcst's name
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.RemovalSentinel:
        self._scopes.pop()
        name = original_node.name.value
        imports = [
            each
            for each in m.findall(original_node.body, m.ImportFrom())
            if isinstance(each, cst.ImportFrom) and self._dead_aliases(each)
        ]
        returns = m.findall(original_node.body, m.Return())
        needs = [original_node.params, *([original_node.returns] if original_node.returns else [])]
        named = name in (self._own if not self._scopes else self._gone.attributes)
        if named or imports or any(map(self._mentions, [*needs, *returns])):
            self._forget(name)
            return cst.RemoveFromParent()
        return updated_node

    def _forget(self, name: str) -> None:
        """Note that a definition went: from the module, or from its class."""
        if self._scopes:
            self._gone.attributes.add(name)
        else:
            self._own.add(name)
            self._local.add(name)

    # Parts of values

    def leave_Element(  # noqa: N802 - libcst's name
        self, original_node: cst.Element, updated_node: cst.Element
    ) -> cst.Element | cst.RemovalSentinel:
        return cst.RemoveFromParent() if self._mentions(original_node) else updated_node

    def leave_StarredElement(  # noqa: N802 - libcst's name
        self, original_node: cst.StarredElement, updated_node: cst.StarredElement
    ) -> Any:  # noqa: ANN401 - libcst's own type leaves out the removal
        return cst.RemoveFromParent() if self._mentions(original_node) else updated_node

    def leave_DictElement(  # noqa: N802 - libcst's name
        self, original_node: cst.DictElement, updated_node: cst.DictElement
    ) -> cst.DictElement | cst.RemovalSentinel:
        return cst.RemoveFromParent() if self._mentions(original_node) else updated_node

    def leave_BinaryOperation(  # noqa: N802 - libcst's name
        self, original_node: cst.BinaryOperation, updated_node: cst.BinaryOperation
    ) -> cst.BaseExpression:
        if isinstance(original_node.operator, cst.BitOr):
            if self._mentions(original_node.right):
                return updated_node.left
            if self._is_gone(original_node.left):
                return updated_node.right
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802 - libcst's name
        if m.matches(original_node.func, m.Name("TypeVar")):
            kept = [each for each in updated_node.args if not self._mentions(each)]
            return updated_node.with_changes(args=kept)
        return updated_node

    # Statements

    def leave_If(self, original_node: cst.If, updated_node: cst.If) -> cst.If | cst.RemovalSentinel:  # noqa: N802 - libcst's name
        return cst.RemoveFromParent() if self._mentions(original_node.test) else updated_node

    def leave_SimpleStatementLine(  # noqa: N802 - libcst's name
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        is_import = m.findall(original_node, m.ImportFrom() | m.Import())
        if not updated_node.body or is_import or not self._mentions(updated_node):
            return updated_node
        if not self._scopes:
            targets = m.findall(original_node, m.AssignTarget() | m.AnnAssign())
            for each in targets:
                target = getattr(each, "target", None)
                if isinstance(target, cst.Name):
                    self._forget(target.value)
        return cst.RemoveFromParent()

    # What speaks of something gone

    def _mentions(self, node: cst.CSTNode) -> bool:
        return any(map(self._is_gone, m.findall(node, m.Name() | m.Attribute() | m.SimpleString())))

    def _is_gone(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.SimpleString):
            text = str(node.evaluated_value)
            return text in self._gone.texts or text in self._local
        if isinstance(node, cst.Attribute):
            return node.attr.value in self._gone.attributes
        return isinstance(node, cst.Name) and node.value in self._local
