"""What a client offers at its top: the client class, commands, queries, views, events and enums."""

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

OFFERED = (ServiceClient, Contract, IntegrationEvent, Enum)


@dataclass(frozen=True)
class Exports:
    """The classes that a client offers.

    Attributes:
        classes: by name.
    """

    classes: dict[str, type]

    @property
    def client(self) -> str:
        """The name of the client class."""
        return self._names(ServiceClient)[0]

    def counted(self) -> str:
        """Return how many of each kind there are."""
        kinds = {"commands": Command, "queries": Query, "events": IntegrationEvent}
        counted = {kind: len(self._names(base)) for kind, base in kinds.items()}
        return ", ".join(f"{number} {kind}" for kind, number in counted.items())

    def text(self, title: str, version: str, package: str) -> str:
        """Return the module that offers them.

        Args:
            title: of the service.
            version: of the client.
            package: by which the client is imported.
        """
        homes: dict[str, list[str]] = {}
        for name, kind in sorted(self.classes.items()):
            homes.setdefault(kind.__module__.removeprefix(f"{SERVICE}."), []).append(name)
        imports = [
            f"from {package}.{home} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
            for home, names in sorted(homes.items())
        ]
        offered = "".join(f'    "{name}",\n' for name in sorted(self.classes))
        return (
            f'"""Contracts and typed client of {title}."""\n\n'
            + "\n".join(imports)
            + f'\n\n__version__ = "{version}"\n\n__all__ = [\n{offered}]\n'
        )

    def _names(self, base: type) -> list[str]:
        return sorted(name for name, kind in self.classes.items() if issubclass(kind, base))


def exports_of(project: Project, modules: Sequence[Module]) -> Exports:
    """Return what the client of a service offers.

    Raises:
        ClientNotBuilt: a contract cannot be loaded, two have one name, or there is no client class.
    """
    classes: dict[str, type] = {}
    for module in modules:
        if module.name.startswith(f"{CONTRACTS}."):
            for kind in _offered(_loaded(project, module)):
                other = classes.setdefault(kind.__name__, kind)
                if other is not kind:
                    raise ClientNotBuilt(
                        f"{kind.__module__} and {other.__module__} both have a {kind.__name__}: "
                        "a client offers all its contracts in one place"
                    )
    exports = Exports(classes)
    if not any(issubclass(kind, ServiceClient) for kind in classes.values()):
        raise ClientNotBuilt(
            "there is no client yet: chalicelib/contracts/client.py has no ServiceClient"
        )
    return exports


def _loaded(project: Project, module: Module) -> ModuleType:
    try:
        return project.module(module.name)
    except ServiceBroken as error:
        raise ClientNotBuilt(f"the client cannot be loaded: {error}") from error


def _offered(module: ModuleType) -> Iterator[type]:
    """Yield the contracts that a module makes or uses, as far as they are the service's own."""
    for kind in vars(module).values():
        ours = isinstance(kind, type) and kind.__module__.startswith(f"{SERVICE}.")
        if ours and issubclass(kind, OFFERED):
            yield kind
