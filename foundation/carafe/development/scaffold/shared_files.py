"""Extends the files that all parts of a service share."""

import textwrap
from collections.abc import Sequence

from carafe.development.discovery.model import Aggregate, ExternalService
from carafe.development.discovery.names import camel, snake, words
from carafe.development.discovery.process_model import Process

from .definition_insertions import Definition, Member
from .details import DetailedAggregate
from .element_insertions import (
    Argument,
    ArgumentElement,
    DescribedAttribute,
    Element,
    Handlers,
    Variable,
)
from .tree import Tree

BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
SETTINGS = "chalicelib/infrastructure/settings.py"
WIRING = "chalicelib/api/wiring.py"
EXAMPLE = ".env.example"

FIRST_PORT = 8092


class SharedFiles:
    """Adds declarations to existing files.

    Args:
        tree: where the files are.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def add_import(self, path: str, line: str) -> None:
        """Add an import."""
        self.tree.add_import(path, line)

    def add_definition(self, path: str, definition: str, before: str = "") -> None:
        """Add a class or an assignment, in front of another one or at the end."""
        self.tree.extend(path, Definition(definition.strip(), before=before))

    def add_type(self, path: str, definition: str) -> None:
        """Add a definition in front of the classes, which use it."""
        self.tree.extend(path, Definition(definition, before_classes=True))

    def add_element(self, path: str, container: str, element: str) -> None:
        """Add an element to a named container."""
        self.tree.extend(path, Element(element, container=container))

    def add_member(self, path: str, owner: str, member: str) -> None:
        """Add a method or an attribute to a class."""
        self.tree.extend(path, Member(textwrap.dedent(member).strip("\n"), owner=owner))

    # The declaration of the service

    def declare(self, part: str, module: str, name: str, reference: str) -> None:
        """Declare the implementation of a class of the domain.

        Args:
            part: `repositories` or `adapters`.
            module: the domain's module that defines the class.
            name: of the class.
            reference: to the implementation, as `module:name`.
        """
        self.add_import(BOOTSTRAP, f"from chalicelib.domain.{module} import {name}")
        entry = f'{name}: "{reference}"'
        self.tree.extend(BOOTSTRAP, ArgumentElement(entry, call="Service", argument=part))

    def declare_sent(self) -> None:
        """Declare the commands that the service sends."""
        self.add_import(BOOTSTRAP, "from chalicelib.contracts.sent_commands import SENT")
        self.tree.extend(BOOTSTRAP, Argument("SENT", call="Service", name="sent"))

    def declare_ignored(self) -> None:
        """Declare the events that the service ignores."""
        self.add_import(BOOTSTRAP, "from chalicelib.contracts.subscribed_events import IGNORED")
        self.tree.extend(BOOTSTRAP, Argument("IGNORED", call="Service", name="ignored"))

    def add_address(self, service: ExternalService, position: int) -> None:
        """Add a setting for the address of an external service.

        Args:
            service: of the model.
            position: among the model's external services.
        """
        name, title = snake(service.name), words(service.name)
        variable, local = f"{name.upper()}_URL", f"http://127.0.0.1:{FIRST_PORT + position}"
        self.add_import(SETTINGS, "from typing import Annotated")
        types = "from carafe.infrastructure.settings import LocalDefault, WebAddress"
        self.add_import(SETTINGS, types)
        setting = f'{name}_url: Annotated[WebAddress, LocalDefault("{local}")]'
        self.add_member(SETTINGS, "Settings", setting)
        line = f"{name}_url: the address of that service."
        self.tree.extend(SETTINGS, DescribedAttribute(line, owner="Settings"))
        comment = f"# The service for {title}. Required in AWS; locally this is the default."
        self.tree.extend(EXAMPLE, Variable(f"{comment}\n{variable}={local}", name=variable))

    # What is served

    def add_routes(self, aggregate: DetailedAggregate) -> None:
        """Add the routes of an aggregate to the operations."""
        package = aggregate.collection
        self.add_import(WIRING, f"from .{package}.routes import endpoints as {package}")
        self.add_element(WIRING, "OPERATIONS", f"*{package}.operations")

    def add_handlers(
        self,
        aggregate: Aggregate | Process,
        module: str,
        *,
        clock: bool,
        others: Sequence[Aggregate] = (),
        adapters: Sequence[str] = (),
    ) -> None:
        """Add the construction of handlers.

        Args:
            aggregate: whose handlers these are, or the process.
            module: `commands`, `queries`, `events` or `timers`.
            clock: whether they need one.
            others: aggregates whose repositories they need besides.
            adapters: the ports of external services that they need.
        """
        package, handlers = aggregate.collection, f"{aggregate.name}{camel(module)}"
        ports = [f"repository({aggregate.name})"]
        for other in others:
            self.add_import(WIRING, f"from chalicelib.domain.{other.snake} import {other.name}")
            ports.append(f"repository({other.name})")
        for each in adapters:
            self.add_import(WIRING, f"from chalicelib.domain.{snake(each)} import {each}")
            ports.append(f"adapter({each})")
        self.add_import(WIRING, f"from chalicelib.domain.{aggregate.snake} import {aggregate.name}")
        construction = Handlers(
            ", ".join([*ports, *(["clock"] if clock else [])]),
            call="Handlers",
            argument=module,
            name=handlers,
            module=f".{package}.{module}",
        )
        self.tree.extend(WIRING, construction)
