"""Extends the files that all parts of a service share."""

import re
from functools import partial

from carafe.development.discovery.model import ExternalService
from carafe.development.discovery.names import camel, snake, words

from . import edits, elements
from .details import DetailedAggregate
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
        self.tree.extend(path, partial(edits.with_import, line=line))

    def add_definition(self, path: str, definition: str, before: str | None = None) -> None:
        """Add a class or an assignment."""
        edit = partial(edits.with_definition, definition=definition.strip(), before=before)
        self.tree.extend(path, edit, partial(edit, overwrite=True))

    def add_element(self, path: str, container: str, element: str) -> None:
        """Add an element to a named container."""
        edit = partial(elements.with_element, container=container, element=element)
        self.tree.extend(path, edit)

    def add_member(self, path: str, owner: str, member: str) -> None:
        """Add a method or an attribute to a class."""
        edit = partial(edits.with_member, owner=owner, member=member)
        self.tree.extend(path, edit, partial(edit, overwrite=True))

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
        edit = partial(
            elements.with_argument_element,
            call="Service",
            argument=part,
            element=f'{name}: "{reference}"',
        )
        self.tree.extend(BOOTSTRAP, edit)

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
        description = partial(
            edits.with_described_attribute,
            owner="Settings",
            line=f"{name}_url: where the service for {title} is.",
        )
        self.tree.extend(SETTINGS, description)
        comment = f"# The service for {title}. Required in AWS; locally this is the default."
        self.tree.extend(EXAMPLE, partial(_with_example, variable, local, comment))

    # What is served

    def add_routes(self, aggregate: DetailedAggregate) -> None:
        """Add the routes of an aggregate to the operations."""
        package = aggregate.collection
        self.add_import(WIRING, f"from .{package}.routes import endpoints as {package}")
        self.add_element(WIRING, "OPERATIONS", f"*{package}.operations")

    def add_handlers(self, aggregate: DetailedAggregate, module: str, *, clock: bool) -> None:
        """Add the construction of an aggregate's handlers.

        Args:
            aggregate: whose handlers these are.
            module: `commands`, `queries` or `events`.
            clock: whether they need one.
        """
        package, handlers = aggregate.collection, f"{aggregate.name}{camel(module)}"
        ports = f"repository({aggregate.name}){', now' if clock else ''}"
        self.add_import(WIRING, "from carafe.infrastructure.identifiers import now")
        self.add_import(WIRING, f"from chalicelib.domain.{aggregate.snake} import {aggregate.name}")
        line = f"from .{package}.{module} import {handlers}"

        def with_handlers(text: str) -> str:
            if elements.calls(text, handlers):
                return text  # perhaps with other ports, by hand
            text = edits.with_local_import(text, "handlers", line)
            service = edits.first_argument(text, "handlers")
            text = edits.without_deletion(text, "handlers", service)
            element = f"{handlers}({service}.{ports}).handlers()"
            return elements.with_argument_element(text, "Handlers", module, element)

        self.tree.extend(WIRING, with_handlers)


def _with_example(variable: str, value: str, comment: str, text: str) -> str:
    """Return the example environment with one more setting and a comment above it."""
    if re.search(rf"^(# )?{variable}=", text, re.MULTILINE):
        return text
    return f"{text.rstrip()}\n\n{comment}\n{variable}={value}\n"
