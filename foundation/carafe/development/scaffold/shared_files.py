"""The files that all parts of a service share, and what a part enters into them."""

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
    """Extends files that are there already.

    Args:
        tree: what is added to.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def imported(self, path: str, line: str) -> None:
        """Want an import."""
        self.tree.extend(path, partial(edits.with_import, line=line))

    def defined(self, path: str, definition: str, before: str | None = None) -> None:
        """Want a class or an assignment."""
        edit = partial(edits.with_definition, definition=definition.strip(), before=before)
        self.tree.extend(path, edit, partial(edit, over=True))

    def element(self, path: str, container: str, element: str) -> None:
        """Want an element in a container that has a name."""
        edit = partial(elements.with_element, container=container, element=element)
        self.tree.extend(path, edit)

    def member(self, path: str, owner: str, member: str) -> None:
        """Want a method or an attribute in a class."""
        edit = partial(edits.with_member, owner=owner, member=member)
        self.tree.extend(path, edit, partial(edit, over=True))

    # The declaration of the service

    def declared(self, part: str, module: str, name: str, reference: str) -> None:
        """Want a class of the domain declared, with what is loaded for it.

        Args:
            part: `repositories` or `adapters`.
            module: of the domain, where the class is.
            name: of the class.
            reference: what is loaded, as `module:name`.
        """
        self.imported(BOOTSTRAP, f"from chalicelib.domain.{module} import {name}")
        edit = partial(
            elements.with_argument_element,
            call="Service",
            argument=part,
            element=f'{name}: "{reference}"',
        )
        self.tree.extend(BOOTSTRAP, edit)

    def address(self, service: ExternalService, position: int) -> None:
        """Want a setting for where an external service is.

        Args:
            service: of the model.
            position: among the model's external services.
        """
        name, spoken = snake(service.name), words(service.name)
        variable, local = f"{name.upper()}_URL", f"http://127.0.0.1:{FIRST_PORT + position}"
        self.imported(SETTINGS, "from typing import Annotated")
        types = "from carafe.infrastructure.settings import LocalDefault, WebAddress"
        self.imported(SETTINGS, types)
        setting = f'{name}_url: Annotated[WebAddress, LocalDefault("{local}")]'
        self.member(SETTINGS, "Settings", setting)
        described = partial(
            edits.with_described_attribute,
            owner="Settings",
            line=f"{name}_url: where the service for {spoken} is.",
        )
        self.tree.extend(SETTINGS, described)
        comment = f"# The service for {spoken}. Demanded in AWS; locally this is the default."
        self.tree.extend(EXAMPLE, partial(_with_example, variable, local, comment))

    # What is served

    def routed(self, aggregate: DetailedAggregate) -> None:
        """Want the routes of an aggregate among the operations."""
        own = aggregate.collection
        self.imported(WIRING, f"from .{own}.routes import endpoints as {own}")
        self.element(WIRING, "OPERATIONS", f"*{own}.operations")

    def handled(self, aggregate: DetailedAggregate, module: str, *, clock: bool) -> None:
        """Want handlers of an aggregate made.

        Args:
            aggregate: what they are about.
            module: `commands`, `queries` or `events`.
            clock: they take one.
        """
        own, handlers = aggregate.collection, f"{aggregate.name}{camel(module)}"
        ports = f"repository({aggregate.name}){', now' if clock else ''}"
        self.imported(WIRING, "from carafe.infrastructure.identifiers import now")
        self.imported(WIRING, f"from chalicelib.domain.{aggregate.snake} import {aggregate.name}")
        line = f"from .{own}.{module} import {handlers}"

        def with_handlers(text: str) -> str:
            if elements.calls(text, handlers):
                return text  # with whatever ports somebody gave it
            text = edits.with_local_import(text, "handlers", line)
            service = edits.first_argument(text, "handlers")
            text = edits.without_deletion(text, "handlers", service)
            element = f"{handlers}({service}.{ports}).handlers()"
            return elements.with_argument_element(text, "Handlers", module, element)

        self.tree.extend(WIRING, with_handlers)


def _with_example(variable: str, value: str, comment: str, text: str) -> str:
    """Return the example of the environment with one more setting, a comment above it."""
    if re.search(rf"^(# )?{variable}=", text, re.MULTILINE):
        return text
    return f"{text.rstrip()}\n\n{comment}\n{variable}={value}\n"
