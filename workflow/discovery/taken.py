"""Names that the tree has taken already, asked of the tree: no list could be complete.

What the model itself was scaffolded into before is its own.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .model import Aggregate, ExternalService, Model
from .names import snake
from .naming import aggregates
from .source import Way

ROOT = Path()
BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
SETTINGS = "chalicelib/infrastructure/settings.py"


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
    repository = f"chalicelib/infrastructure/database/mongo/{aggregate.snake}_repository.py"
    found = [f"chalicelib/api/{collection}.py"]
    files = (repository, f"chalicelib/api/{collection}", f"tests/support/{collection}.py")
    found += [each for each in files if not _speaks(each, own)]
    for path in found:
        if (ROOT / path).exists():
            yield f"{path} is there already: give another name, or another `collection`"
    members = _members(BOOTSTRAP, "Container")
    is_own = members.get(collection) == f"{aggregate.name}Repository"
    if collection in members.keys() | _members(SETTINGS, "Settings").keys() and not is_own:
        yield f"the service has {collection} already: give another `collection`"


def _of_service(service: ExternalService) -> Iterator[str]:
    yield from _of_class(service.name)
    name, members = snake(service.name), _members(BOOTSTRAP, "Container")
    client = f"chalicelib/infrastructure/external_services/{name}.py"
    if (ROOT / client).exists() and not _speaks(client, rf"^class Http{service.name}\b"):
        yield f"{client} is there already: give another name"
    taken = name in members or f"{name}_url" in _members(SETTINGS, "Settings")
    if taken and members.get(name) != f"Http{service.name}":
        yield f"the service has {name} already: give another name"


def _speaks(path: str, pattern: str) -> bool:
    """Tell whether a file, or one in a folder, has something that fits a pattern."""
    place = ROOT / path
    files = place.glob("*.py") if place.is_dir() else [place] if place.exists() else []
    return any(re.search(pattern, each.read_text("utf-8"), re.MULTILINE) for each in files)


def _members(path: str, owner: str) -> dict[str, str]:
    """Return what the objects of a class have, each with the class that it is of, if it says so."""
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8")) if file.exists() else ast.Module([], [])
    found: dict[str, str] = {}
    for node in ast.walk(next((each for each in tree.body if _is_class(each, owner)), tree)):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = ast.unparse(node.returns).strip("'") if node.returns else ""
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = ast.unparse(node.annotation)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found[node.attr] = ""
    return found


def _is_class(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.ClassDef) and node.name == name
