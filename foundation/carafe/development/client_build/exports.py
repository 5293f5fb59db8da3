"""The public classes of a client: the client itself, its messages, views, events and enums."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from types import ModuleType

from carafe.client.service_client import ServiceClient
from carafe.contracts.base import Command, Contract, Query
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.project import Project, ServiceBroken

from .errors import ClientNotBuilt
from .imports import CONTRACTS, SERVICE, Module

EXPORTED = (ServiceClient, Contract, IntegrationEvent, Enum)


@dataclass(frozen=True)
class Exports:
    """The public classes of a client.

    Attributes:
        classes: by name.
    """

    classes: dict[str, type]

    @property
    def client(self) -> str:
        """The name of the client class."""
        return self._names(ServiceClient)[0]

    def summary(self) -> str:
        """Return the numbers of commands, queries and events."""
        bases = {"commands": Command, "queries": Query, "events": IntegrationEvent}
        return ", ".join(f"{len(self._names(base))} {noun}" for noun, base in bases.items())

    def text(self, title: str, version: str, package: str) -> str:
        """Return the source of the module that exports the classes.

        Args:
            title: of the service.
            version: of the client.
            package: the name by which the client is imported.
        """
        modules: dict[str, list[str]] = {}
        for name, class_ in sorted(self.classes.items()):
            modules.setdefault(class_.__module__.removeprefix(f"{SERVICE}."), []).append(name)
        imports = [
            f"from {package}.{module} import (\n"
            + "".join(f"    {name},\n" for name in names)
            + ")"
            for module, names in sorted(modules.items())
        ]
        names = "".join(f'    "{name}",\n' for name in sorted(self.classes))
        return (
            f'"""Contracts and typed client of {title}."""\n\n'
            + "\n".join(imports)
            + f'\n\n__version__ = "{version}"\n\n__all__ = [\n{names}]\n'
        )

    def _names(self, base: type) -> list[str]:
        return sorted(name for name, class_ in self.classes.items() if issubclass(class_, base))


def collect_exports(project: Project, modules: Sequence[Module]) -> Exports:
    """Return the public classes of a service's client.

    Raises:
        ClientNotBuilt: a contract cannot be loaded, two share a name, or there is no client.
    """
    classes: dict[str, type] = {}
    for module in modules:
        if module.name.startswith(f"{CONTRACTS}."):
            for class_ in _exported_classes(_import(project, module)):
                name = class_.__name__
                other = classes.setdefault(name, class_)
                if other is not class_:
                    raise ClientNotBuilt(
                        f"{class_.__module__} and {other.__module__} both have a {name}: "
                        "rename one, since a client exports all its contracts from one module"
                    )
    exports = Exports(classes)
    if not any(issubclass(each, ServiceClient) for each in classes.values()):
        raise ClientNotBuilt(
            "there is no client yet: chalicelib/contracts/client.py has no ServiceClient"
        )
    return exports


def _import(project: Project, module: Module) -> ModuleType:
    try:
        return project.module(module.name)
    except ServiceBroken as error:
        raise ClientNotBuilt(f"the client cannot be loaded: {error}") from error


def _exported_classes(module: ModuleType) -> Iterator[type]:
    """Yield the service's own contracts that a module defines or imports."""
    for value in vars(module).values():
        is_own = isinstance(value, type) and value.__module__.startswith(f"{SERVICE}.")
        if is_own and issubclass(value, EXPORTED):
            yield value
