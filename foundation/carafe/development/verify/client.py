"""07 - Service Client Implementation: other services call this one by typed methods."""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from carafe.development.diagrams.model import behaviours_of, summary
from carafe.development.diagrams.wiring import service
from carafe.development.project import project

from .needs import Need, mentioned, passing

MODULE = "chalicelib.contracts.client"
FILE = Path("chalicelib/contracts/client.py")
FORBIDDEN = (
    "chalicelib.api",
    "chalicelib.infrastructure",
    "carafe.api",
    "carafe.infrastructure",
    "chalice",
    "pymongo",
    "pika",
    "boto3",
)


def present() -> Iterator[str]:
    """Yield a complaint about a missing client."""
    if not FILE.exists():
        yield f"there is no {FILE}: write a client, or run `carafe scaffold client`"
    elif not _clients():
        yield f"{FILE} has no class whose methods take this service's commands"


def complete() -> Iterator[str]:
    """Yield routes without a method."""
    taken = {kind for method in _methods() for kind in _taken(method)}
    for each in service().operations:
        if each.message not in taken:
            yield f"{each.method} {each.path}: no method takes {each.message.__name__}"


def answered() -> Iterator[str]:
    """Yield methods that do not say what they return."""
    for method in _methods():
        if get_type_hints(method).get("return") in {None, Any, dict, object}:
            yield f"{method.__qualname__} must return the contract that the route answers"


def described() -> Iterator[str]:
    """Yield methods without a description."""
    for method in _methods():
        if not summary(method):
            yield f"{method.__qualname__} has no description"


def apart() -> Iterator[str]:
    """Yield imports that would drag the service's inside into other services."""
    for node in ast.walk(ast.parse(FILE.read_text() if FILE.exists() else "")):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            if any(name == each or name.startswith(f"{each}.") for each in FORBIDDEN):
                yield f"{FILE} imports {name}: a client needs the contracts alone"


def tested() -> Iterator[str]:
    """Yield clients that no test speaks of."""
    for client in _clients():
        if not mentioned(client.__name__, "tests"):
            yield f"{client.__name__} has no test: call a running service with it"


def _clients() -> list[type]:
    """Return the classes with methods that take this service's commands or queries."""
    if not FILE.exists():
        return []
    own = vars(project().module(MODULE)).values()
    classes = [each for each in own if isinstance(each, type) and each.__module__ == MODULE]
    return [each for each in classes if _takes_messages(each)]


def _takes_messages(declared: type) -> bool:
    messages = {each.message for each in service().operations}
    return any(messages & _taken(each) for each in behaviours_of(declared).values())


def _methods() -> list[Callable[..., Any]]:
    messages = {each.message for each in service().operations}
    methods = [each for client in _clients() for each in behaviours_of(client).values()]
    return [each for each in methods if messages & _taken(each)]


def _taken(method: Callable[..., Any]) -> set[type]:
    """Return the types of a method's parameters, those of optional ones as well."""
    hints = dict(get_type_hints(inspect.unwrap(method)))
    hints.pop("return", None)
    kinds = [each for kind in hints.values() for each in (kind, *get_args(kind))]
    return {each for each in kinds if isinstance(each, type)}


NEEDS = (
    Need("there is a client", present),
    Need("each route has a method", complete),
    Need("each method says what it returns", answered),
    Need("each method is described", described),
    Need("the client needs the contracts alone", apart),
    Need("the client has tests", tested),
    Need("the client's tests pass on real servers", passing("tests/api"), live=True),
)
