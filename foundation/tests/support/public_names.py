"""The names of the foundation that a service's code imports."""

import ast
import re
from collections.abc import Iterable, Iterator

from .places import FOUNDATION

PACKAGE = "carafe"
FENCED = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r"^ *from (carafe[\w.]*) import (?:\(([^)]*)\)|(.+))$", re.MULTILINE)
NAME = re.compile(r"\w+")


def imported(code: str) -> Iterator[tuple[str, str]]:
    """Yield module and name of what code imports of the foundation, or uses of its modules."""
    tree = ast.parse(code)
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module) and not node.level:
            for alias in node.names:
                yield str(node.module), alias.name
                if _is_module(whole := f"{node.module}.{alias.name}"):
                    modules[alias.asname or alias.name] = whole
        elif isinstance(node, ast.Import):
            own = (alias for alias in node.names if _is_ours(alias.name))
            modules |= {alias.asname or alias.name: alias.name for alias in own}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module is not None:
                yield module, node.attr


def imported_in_text(text: str) -> Iterator[tuple[str, str]]:
    """Yield the same of text that is no valid code: a template, or a document."""
    for module, several, one in IMPORT.findall(text):
        for name in NAME.findall((several or one).partition("#")[0]):
            yield module, name


def in_documents(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the same of the Python code in documents."""
    for text in texts:
        for code in FENCED.findall(text):
            yield from imported_in_text(code)


def _is_ours(module: str | None) -> bool:
    return module is not None and module.split(".")[0] == PACKAGE


def _is_module(name: str) -> bool:
    path = FOUNDATION.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()
