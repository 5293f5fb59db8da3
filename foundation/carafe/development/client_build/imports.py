"""What the modules of a client are, and that they need nothing which stays in the service."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import ClientNotBuilt

SERVICE = "chalicelib"
CONTRACTS = f"{SERVICE}.contracts"
CLIENT = f"{CONTRACTS}.client"

# What other services publish is theirs; its contracts come along only if others import them.
NOT_OFFERED = {f"{CONTRACTS}.subscribed_events"}

ROOMS = (f"{SERVICE}.contracts", f"{SERVICE}.domain")
"""Where the modules of a client may lie."""

FOUNDATION = "carafe"
FOUNDATION_ROOMS = ("carafe.client", "carafe.contracts", "carafe.domain")
BROUGHT_ALONG = {"msgspec", "urllib3"}
"""What the foundation demands without its extras."""


@dataclass(frozen=True)
class Module:
    """A module that goes into the client.

    Attributes:
        name: as the service imports it.
        path: of its source, below the service's folder.
        is_package: whether it is a folder's `__init__`.
        source: its text.
    """

    name: str
    path: Path
    is_package: bool
    source: str


def modules_of_client(root: Path) -> list[Module]:
    """Return the contracts of a service and all that they import of it, by name.

    Args:
        root: the service's folder.

    Raises:
        ClientNotBuilt: there is none yet, or a module needs what a client cannot have.
    """
    if _located(root, CLIENT) is None:
        raise ClientNotBuilt(
            "there is no client yet: chalicelib/contracts/client.py is missing (phase 07 writes it)"
        )
    found: dict[str, Module] = {}
    waiting = [name for name in _contracts(root) if name not in NOT_OFFERED]
    while waiting:
        name = waiting.pop()
        if name in found or name == SERVICE:
            continue
        found[name] = _read(root, name)
        # A module brings the packages that it lies in.
        waiting += [name.rpartition(".")[0], *_imported(root, found[name])]
    return [found[name] for name in sorted(found)]


def _contracts(root: Path) -> Iterator[str]:
    for path in (root / CONTRACTS.replace(".", "/")).rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _located(root: Path, name: str) -> Path | None:
    """Return where a module of the service is, below the root."""
    base = name.replace(".", "/")
    candidates = (Path(f"{base}/__init__.py"), Path(f"{base}.py"))
    return next((each for each in candidates if (root / each).is_file()), None)


def _read(root: Path, name: str) -> Module:
    path = _located(root, name)
    if path is None:
        raise ClientNotBuilt(f"{name} is imported by a contract, and is no module")
    return Module(name, path, path.name == "__init__.py", (root / path).read_text("utf-8"))


def _imported(root: Path, module: Module) -> Iterator[str]:
    """Yield the modules of the service that a module imports.

    Raises:
        ClientNotBuilt: it is no Python, or imports what a client cannot have.
    """
    try:
        tree = ast.parse(module.source)
    except SyntaxError as error:
        raise ClientNotBuilt(f"{module.path}, line {error.lineno}: {error.msg}") from None
    for node in ast.walk(tree):
        for name in _names(root, module, node):
            if _is_within(name, ROOMS):
                yield name
            elif not _comes_along(name):
                line = node.lineno if isinstance(node, ast.stmt) else 0
                raise ClientNotBuilt(
                    f"{module.path}, line {line}: imports {name}, which a client does not have: "
                    "contracts need the domain, msgspec and carafe's contracts, and no more"
                )


def _names(root: Path, module: Module, node: ast.AST) -> Iterator[str]:
    """Yield the modules that an import statement names, in full."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(module, node)
        yield base
        for each in node.names:
            name = f"{base}.{each.name}"
            if base == FOUNDATION or _located(root, name) is not None:
                yield name


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = node.level - 1 if module.is_package else node.level
    package = module.name.split(".")[: -above or None]
    return ".".join([*package, *([node.module] if node.module else [])])


def _comes_along(name: str) -> bool:
    top = name.partition(".")[0]
    if top == FOUNDATION:
        return name == FOUNDATION or _is_within(name, FOUNDATION_ROOMS)
    return name == SERVICE or top in BROUGHT_ALONG or top in sys.stdlib_module_names


def _is_within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)
