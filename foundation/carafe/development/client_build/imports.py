"""The modules of a client, and the check that they import nothing a client does not have."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import ClientNotBuilt

SERVICE = "chalicelib"
CONTRACTS = f"{SERVICE}.contracts"
CLIENT = f"{CONTRACTS}.client"

# The contracts of other services' events are included only if another contract imports them.
NOT_EXPORTED = {f"{CONTRACTS}.subscribed_events"}

CLIENT_PACKAGES = (f"{SERVICE}.contracts", f"{SERVICE}.domain")
"""The packages of a service that a client may contain."""

FOUNDATION = "carafe"
FOUNDATION_PACKAGES = ("carafe.client", "carafe.contracts", "carafe.domain")
BASE_REQUIREMENTS = {"msgspec", "urllib3"}
"""Of the foundation's requirements without extras, those that contracts and clients import."""


@dataclass(frozen=True)
class Module:
    """A module that goes into the client.

    Attributes:
        name: as the service imports it.
        path: relative to the service's folder.
        is_package: it is an `__init__.py`.
        source: its text.
    """

    name: str
    path: Path
    is_package: bool
    source: str


def modules_of_client(root: Path) -> list[Module]:
    """Return the contracts of a service and the modules that they import, sorted by name.

    Args:
        root: the service's folder.

    Raises:
        ClientNotBuilt: there is no client yet, or a module imports what a client does not have.
    """
    if _path_of(root, CLIENT) is None:
        raise ClientNotBuilt(
            "there is no client yet: chalicelib/contracts/client.py is missing (phase 07 writes it)"
        )
    modules: dict[str, Module] = {}
    names = [name for name in _contracts(root) if name not in NOT_EXPORTED]
    while names:
        name = names.pop()
        if name in modules or name == SERVICE:
            continue
        modules[name] = _read(root, name)
        # A module needs the package around it.
        names += [name.rpartition(".")[0], *_imported_names(root, modules[name])]
    return [modules[name] for name in sorted(modules)]


def _contracts(root: Path) -> Iterator[str]:
    for path in (root / CONTRACTS.replace(".", "/")).rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _path_of(root: Path, name: str) -> Path | None:
    """Return the path of a module relative to the root; None if it does not exist."""
    base = name.replace(".", "/")
    candidates = (Path(f"{base}/__init__.py"), Path(f"{base}.py"))
    return next((each for each in candidates if (root / each).is_file()), None)


def _read(root: Path, name: str) -> Module:
    path = _path_of(root, name)
    if path is None:
        raise ClientNotBuilt(f"{name} is imported by a contract, but does not exist")
    return Module(name, path, path.name == "__init__.py", (root / path).read_text("utf-8"))


def _imported_names(root: Path, module: Module) -> Iterator[str]:
    """Yield the modules of the service that a module imports.

    Raises:
        ClientNotBuilt: it is not valid Python, or imports what a client does not have.
    """
    try:
        tree = ast.parse(module.source)
    except SyntaxError as error:
        raise ClientNotBuilt(f"{module.path}, line {error.lineno}: {error.msg}") from None
    for node in ast.walk(tree):
        for name in _names_in(root, module, node):
            if _is_within(name, CLIENT_PACKAGES):
                yield name
            elif not _is_available(name):
                line = node.lineno if isinstance(node, ast.stmt) else 0
                raise ClientNotBuilt(
                    f"{module.path}, line {line}: imports {name}, which a client does not have: "
                    "contracts may only need the domain, msgspec and carafe's contracts"
                )


def _names_in(root: Path, module: Module, node: ast.AST) -> Iterator[str]:
    """Yield the full names of the modules that an import statement names."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(module, node)
        yield base
        for each in node.names:
            name = f"{base}.{each.name}"
            if base == FOUNDATION or _path_of(root, name) is not None:
                yield name


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = node.level - 1 if module.is_package else node.level
    package = module.name.split(".")[: -above or None]
    return ".".join([*package, *([node.module] if node.module else [])])


def _is_available(name: str) -> bool:
    top = name.partition(".")[0]
    if top == FOUNDATION:
        return name == FOUNDATION or _is_within(name, FOUNDATION_PACKAGES)
    return name == SERVICE or top in BASE_REQUIREMENTS or top in sys.stdlib_module_names


def _is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)
