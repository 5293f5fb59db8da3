"""07 - Service Client Implementation: other services call this one through typed methods."""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

from carafe.development.diagrams.model import behaviours_of, summary
from carafe.development.diagrams.wiring import service
from carafe.development.project import project

from .needs import Need, failing_tests, is_mentioned

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


def missing_client() -> Iterator[str]:
    """Yield that the client is missing, or has no methods."""
    if not FILE.exists():
        yield f"there is no {FILE}: write a client, or run `carafe scaffold client`"
    elif not _clients():
        yield f"{FILE} has no class whose methods take this service's commands"


def missing_methods() -> Iterator[str]:
    """Yield routes without a method."""
    messages = {type_ for method in _methods() for type_ in _parameter_types(method)}
    for each in service().operations:
        if each.message not in messages:
            yield f"{each.method} {each.path}: no method takes {each.message.__name__}"


def untyped_methods() -> Iterator[str]:
    """Yield methods without a precise return type."""
    for method in _methods():
        if get_type_hints(method).get("return") in {None, Any, dict, object}:
            yield f"{method.__qualname__} must return the contract that the route answers"


def undescribed_methods() -> Iterator[str]:
    """Yield methods without a description."""
    for method in _methods():
        if not summary(method):
            yield f"{method.__qualname__} has no description"


def forbidden_imports() -> Iterator[str]:
    """Yield imports that would bring the internals of the service into other services."""
    for node in ast.walk(ast.parse(FILE.read_text() if FILE.exists() else "")):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            if any(name == each or name.startswith(f"{each}.") for each in FORBIDDEN):
                yield f"{FILE} imports {name}: a client may only need the contracts"


def untested_clients() -> Iterator[str]:
    """Yield clients that no test mentions."""
    for client in _clients():
        if not is_mentioned(client.__name__, "tests"):
            yield f"{client.__name__} has no test: call a running service with it"


def _clients() -> list[type]:
    """Return the classes with methods that take this service's commands or queries."""
    if not FILE.exists():
        return []
    own = vars(project().module(MODULE)).values()
    classes = [each for each in own if isinstance(each, type) and each.__module__ == MODULE]
    return [each for each in classes if _message_methods(each)]


def _methods() -> list[Callable[..., Any]]:
    return [method for client in _clients() for method in _message_methods(client)]


def _message_methods(declared: type) -> list[Callable[..., Any]]:
    """Return the methods of a class that take a command or a query of this service."""
    messages = {each.message for each in service().operations}
    return [each for each in behaviours_of(declared).values() if messages & _parameter_types(each)]


def _parameter_types(method: Callable[..., Any]) -> set[type]:
    """Return the types of a method's parameters, those inside of `X | None` as well."""
    hints = dict(get_type_hints(inspect.unwrap(method)))
    hints.pop("return", None)
    types = [each for hint in hints.values() for each in (hint, *get_args(hint))]
    return {each for each in types if isinstance(each, type)}


NEEDS = (
    Need("there is a client", missing_client),
    Need("each route has a method", missing_methods),
    Need("each method says what it returns", untyped_methods),
    Need("each method is described", undescribed_methods),
    Need("the client needs the contracts alone", forbidden_imports),
    Need("the client has tests", untested_clients),
    Need("the client's tests pass on real servers", failing_tests("tests/api"), live=True),
)
