"""Defines and imports the types of contracts' fields, and the scopes."""

from collections.abc import Mapping

from carafe.development.discovery.model import Attribute, Model
from carafe.development.discovery.names import camel, snake

from . import code
from .examples import Examples
from .shared_files import SharedFiles

SCOPES = "chalicelib/contracts/scopes.py"
VALUES = "chalicelib/contracts/values.py"

TIMES = {"moment": "Moment", "date": "CalendarDate", "time": "TimeOfDay"}
"""The foundation's types on the wire of what a clock and a calendar show."""

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
        self._examples = Examples(model)
        self._scopes = scopes

    def scope(self, path: str, scope: str) -> None:
        """Provide a file with the constant of a scope."""
        self.constant(scope)
        self._shared.add_import(path, f"from .scopes import {self._scopes[scope]}")

    def constant(self, scope: str) -> None:
        """Define the constant of a scope."""
        name = self._scopes[scope]
        self._shared.add_definition(SCOPES, f'{name} = "{scope}"', before="SCOPES")
        self._shared.add_element(SCOPES, "SCOPES", name)

    def alias(self, attribute: Attribute) -> None:
        """Provide the type of an attribute that has bounds."""
        definition = code.alias_definition(attribute, self._examples)
        if not definition:
            return
        self._shared.add_type(VALUES, definition)
        self._shared.add_import(VALUES, f"from chalicelib.domain import {snake(attribute.owner)}")
        self._shared.add_import(VALUES, "from typing import Annotated")
        self._shared.add_import(VALUES, "from msgspec import Meta")
        self._shared.add_import(VALUES, f"from {GENERIC} import printable")

    def of_input(self, path: str, attribute: Attribute) -> None:
        """Provide the type of a parameter of a command, or of a filter of a query."""
        self.alias(attribute)
        if code.constants(attribute) and path != VALUES:
            self._shared.add_import(path, f"from .values import {code.alias(attribute)}")
        self._times(path, attribute)
        self._named(path, attribute)

    def of_output(self, path: str, attribute: Attribute) -> None:
        """Provide the type of a field of a view or an event."""
        if attribute.type.name in TIMES:
            self._shared.add_import(
                path, f"from datetime import {code.DOMAIN[attribute.type.name]}"
            )
        self._times(path, attribute)
        self._named(path, attribute)

    def _times(self, path: str, attribute: Attribute) -> None:
        """Provide the type of a moment, a date or a time of day."""
        if attribute.type.name in TIMES:
            name = TIMES[attribute.type.name]
            self._shared.add_import(path, f"from {GENERIC} import {name}, shown_as")

    def _named(self, path: str, attribute: Attribute) -> None:
        name = attribute.type.name
        if attribute.from_caller:
            self._shared.add_import(path, f"from {GENERIC} import Text")
        elif name in {"identifier", "money", "address"}:
            self._shared.add_import(path, f"from {GENERIC} import {camel(name)}")
        elif name in self._model.values and path != VALUES:
            self._shared.add_import(path, f"from .values import {name}")
        elif name in self._model.enumerations:
            line = f"from chalicelib.domain.{snake(name)} import {name}"
            self._shared.add_import(path, line)
