"""Names that the tree has taken already, asked of the tree: no list could be complete.

What the model itself was scaffolded into before is its own.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from carafe.infrastructure.settings import Settings

from .model import Aggregate, ExternalService, Model
from .names import snake
from .naming import aggregates
from .source import Way

ROOT = Path()
SETTINGS = "chalicelib/infrastructure/settings.py"
WIRING = "chalicelib/api/wiring.py"
EXAMPLE = ".env.example"


def names(model: Model) -> Iterator[tuple[Way, str]]:
    """Yield names under which there is something else in the tree."""
    for aggregate, way in aggregates(model):
        yield from ((way, told) for told in _of_aggregate(aggregate))
    for service in model.external_services:
        way = ("external_services", service.name)
        yield from ((way, told) for told in _of_service(service))
    for name in model.enumerations:
        yield from ((("enumerations", name), told) for told in _of_class(name))
    for name, value in model.values.items():
        part = "entities" if value.is_entity else "values"
        yield from (((part, name), told) for told in _of_class(name))


def _of_class(name: str) -> Iterator[str]:
    path = f"chalicelib/domain/{snake(name)}.py"
    if (ROOT / path).exists() and not _speaks(path, rf"^class {name}\b"):
        yield f"{path} is there already and has no class {name}: give another name"


def _of_aggregate(aggregate: Aggregate) -> Iterator[str]:
    yield from _of_class(aggregate.name)
    own, collection = rf"chalicelib\.domain\.{aggregate.snake} import", aggregate.collection
    repository = f"chalicelib/infrastructure/repositories/{aggregate.snake}_repository.py"
    found = [f"chalicelib/api/{collection}.py"]
    files = (repository, f"chalicelib/api/{collection}", f"tests/support/{collection}.py")
    found += [each for each in files if not _speaks(each, own)]
    for path in found:
        if _is_there(ROOT / path):
            yield f"{path} is there already: give another name, or another `collection`"
    if collection in _wired_names(f"{collection}.routes"):
        yield f"{WIRING} has {collection} already: give another `collection`"


def _of_service(service: ExternalService) -> Iterator[str]:
    yield from _of_class(service.name)
    name = snake(service.name)
    client = f"chalicelib/infrastructure/external_services/{name}.py"
    if _speaks(client, rf"^class Http{service.name}\b"):
        return
    if (ROOT / client).exists():
        yield f"{client} is there already: give another name"
    variable = f"{name.upper()}_URL"
    if f"{name}_url" in _settings() or _speaks(EXAMPLE, rf"^(# )?{variable}="):
        yield f"the service has a setting {variable} already: give another name"


def _is_there(place: Path) -> bool:
    """Tell whether there is a file, or a folder with code; what Python leaves in one is none."""
    return any(place.glob("*.py")) if place.is_dir() else place.exists()


def _speaks(path: str, pattern: str) -> bool:
    """Tell whether a file, or one in a folder, has something that fits a pattern."""
    place = ROOT / path
    files = place.glob("*.py") if place.is_dir() else [place] if place.exists() else []
    return any(re.search(pattern, each.read_text("utf-8"), re.MULTILINE) for each in files)


def _settings() -> set[str]:
    """Return the names of the settings, those of every service and this one's own."""
    own = {
        node.target.id
        for node in ast.walk(_parsed(SETTINGS))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return own | set(Settings.__struct_fields__)


def _wired_names(routes: str) -> set[str]:
    """Return what the names in the wiring's module are, without what it imports from routes."""
    names_there: set[str] = set()
    for node in _parsed(WIRING).body:
        if isinstance(node, ast.FunctionDef):
            names_there |= {node.name, *(each.arg for each in node.args.args)}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            is_own = isinstance(node, ast.ImportFrom) and node.module == routes
            names_there |= set() if is_own else {each.asname or each.name for each in node.names}
    # What scaffolding imports there.
    return names_there | {"now"}


def _parsed(path: str) -> ast.Module:
    file = ROOT / path
    try:
        return ast.parse(file.read_text("utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ast.Module([], [])  # what is missing or broken is named where it is extended
