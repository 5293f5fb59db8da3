"""Defines and imports the types of contracts' fields, and the scopes."""

from collections.abc import Mapping
from functools import partial

from carafe.development.discovery.model import Attribute, Model
from carafe.development.discovery.names import camel, snake

from . import code, edits
from .shared_files import SharedFiles

SCOPES = "chalicelib/contracts/scopes.py"
VALUES = "chalicelib/contracts/values.py"

GENERIC = "carafe.contracts.values"
"""The foundation's types of values on the wire."""


class WireTypes:
    """Provides contracts with the types of their fields.

    Args:
        shared: where the service's own types are defined.
        model: where they are declared.
        scopes: every scope that a token may need, by its constant.
    """

    def __init__(self, shared: SharedFiles, model: Model, scopes: Mapping[str, str]) -> None:
        self._shared = shared
        self._model = model
        self._scopes = scopes

    def scope(self, path: str, scope: str) -> None:
        """Provide the constant of a scope."""
        name = self._scopes[scope]
        self._shared.add_definition(SCOPES, f'{name} = "{scope}"', before="SCOPES")
        self._shared.add_element(SCOPES, "SCOPES", name)
        self._shared.add_import(path, f"from .scopes import {name}")

    def alias(self, attribute: Attribute) -> None:
        """Provide the type of an attribute that has bounds."""
        definition = code.alias_definition(attribute)
        if not definition:
            return
        edit = partial(edits.with_definition_before_classes, definition=definition)
        self._shared.tree.extend(VALUES, edit, partial(edit, overwrite=True))
        self._shared.add_import(VALUES, f"from chalicelib.domain import {snake(attribute.owner)}")
        self._shared.add_import(VALUES, "from typing import Annotated")
        self._shared.add_import(VALUES, "from msgspec import Meta")
        self._shared.add_import(VALUES, f"from {GENERIC} import printable")

    def of_input(self, path: str, attribute: Attribute) -> None:
        """Provide the type of a parameter of a command, or of a filter of a query."""
        self.alias(attribute)
        if code.alias_definition(attribute) and path != VALUES:
            self._shared.add_import(path, f"from .values import {code.alias(attribute)}")
        if attribute.type.name == "moment":
            self._shared.add_import(path, f"from {GENERIC} import Moment")
        self._named(path, attribute)

    def of_output(self, path: str, attribute: Attribute) -> None:
        """Provide the type of a field of a view or an event."""
        if attribute.type.name == "moment":
            self._shared.add_import(path, "from datetime import datetime")
            self._shared.add_import(path, f"from {GENERIC} import Moment")
        self._named(path, attribute)

    def _named(self, path: str, attribute: Attribute) -> None:
        name = attribute.type.name
        if name in {"identifier", "money", "address"}:
            self._shared.add_import(path, f"from {GENERIC} import {camel(name)}")
        elif name in self._model.values and path != VALUES:
            self._shared.add_import(path, f"from .values import {name}")
        elif name in self._model.enumerations:
            line = f"from chalicelib.domain.{snake(name)} import {name}"
            self._shared.add_import(path, line)
