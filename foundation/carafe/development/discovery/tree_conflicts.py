"""Checks a model's names against the code of the tree, since no list of names could be complete.

Code that was scaffolded from the same model before is not a conflict.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from carafe.infrastructure.settings import Settings

from .locations import located_collections, located_services, located_values
from .model import Aggregate, ExternalService, Model
from .names import snake
from .process_model import Process
from .source import Location

ROOT = Path()
SETTINGS = "chalicelib/infrastructure/settings.py"
WIRING = "chalicelib/api/wiring.py"
EXAMPLE = ".env.example"


def conflicts(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield names that the tree uses for something else."""
    for stored, location in located_collections(model):
        yield from ((location, message) for message in _stored_conflicts(stored))
    for service, location in located_services(model):
        yield from ((location, message) for message in _service_conflicts(service))
    for name in model.enumerations:
        yield from ((("enumerations", name), message) for message in _class_conflicts(name))
    for value, location in located_values(model):
        yield from ((location, message) for message in _class_conflicts(value.name))


def _class_conflicts(name: str) -> Iterator[str]:
    path = f"chalicelib/domain/{snake(name)}.py"
    if (ROOT / path).exists() and not _matches(path, rf"^class {name}\b"):
        yield f"{path} exists and has no class {name}: choose another name"


def _stored_conflicts(stored: Aggregate | Process) -> Iterator[str]:
    yield from _class_conflicts(stored.name)
    collection = stored.collection
    own_import = rf"chalicelib\.domain\.{stored.snake} import"
    own_paths = (
        f"chalicelib/infrastructure/repositories/{stored.snake}_repository.py",
        f"chalicelib/api/{collection}",
        f"tests/support/{collection}.py",
    )
    foreign_paths = [each for each in own_paths if not _matches(each, own_import)]
    for path in (f"chalicelib/api/{collection}.py", *foreign_paths):
        if _has_code(ROOT / path):
            yield f"{path} exists: choose another name, or another `collection`"
    if collection in _wiring_names(f"{collection}.routes"):
        yield f"{WIRING} already uses the name {collection}: choose another `collection`"


def _service_conflicts(service: ExternalService) -> Iterator[str]:
    yield from _class_conflicts(service.name)
    name = snake(service.name)
    client = f"chalicelib/infrastructure/external_services/{name}.py"
    if _matches(client, rf"^class Http{service.name}\b"):
        return
    if (ROOT / client).exists():
        yield f"{client} exists: choose another name"
    variable = f"{name.upper()}_URL"
    if f"{name}_url" in _setting_names() or _matches(EXAMPLE, rf"^(# )?{variable}="):
        yield f"the service already has a setting {variable}: choose another name"


def _has_code(path: Path) -> bool:
    """Return whether a path is a file, or a folder with modules; Python leaves caches behind."""
    return any(path.glob("*.py")) if path.is_dir() else path.exists()


def _matches(name: str, pattern: str) -> bool:
    """Return whether a pattern matches in a file, or in a module of a folder."""
    path = ROOT / name
    files = path.glob("*.py") if path.is_dir() else [path] if path.exists() else []
    texts = (each.read_text("utf-8", "replace") for each in files)
    return any(re.search(pattern, text, re.MULTILINE) for text in texts)


def _setting_names() -> set[str]:
    """Return the names of the service's own settings and of the foundation's."""
    own = {
        node.target.id
        for node in ast.walk(_syntax_tree(SETTINGS))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return own | set(Settings.__struct_fields__)


def _wiring_names(routes: str) -> set[str]:
    """Return the names that the wiring module uses, except those imported from `routes`."""
    names: set[str] = set()
    for node in _syntax_tree(WIRING).body:
        if isinstance(node, ast.FunctionDef):
            names |= {node.name, *(each.arg for each in node.args.args)}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            is_own = isinstance(node, ast.ImportFrom) and node.module == routes
            names |= set() if is_own else {each.asname or each.name for each in node.names}
    return names


def _syntax_tree(path: str) -> ast.Module:
    """Return a module's syntax tree; an empty one if the module is missing or broken."""
    try:
        return ast.parse((ROOT / path).read_text("utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ast.Module([], [])  # reported where the module is extended
