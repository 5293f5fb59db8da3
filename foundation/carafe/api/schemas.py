"""The JSON schemas of contracts, as both documents hold them."""

import inspect
from collections.abc import Iterable
from typing import Any

from carafe.contracts.json_schemas import schema_components

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"

_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def component_schemas(contracts: Iterable[type]) -> Document:
    """Return the schemas of contracts, and of all that they hold, by name."""
    _, schemas = schema_components(contracts, _REF)
    return {name: _typed(_dedented(schema)) for name, schema in schemas.items()}


def reference_to(name: str) -> Document:
    """Return a reference to a schema of the document's components."""
    return {"$ref": _REF.format(name=name)}


def without_null(schema: Document) -> Document:
    """Return the schema of a field less null, as value and as default."""
    values = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    others = {
        name: value
        for name, value in schema.items()
        if name != "anyOf" and (name, value) != ("default", None)
    }
    if not values:
        return others
    return {**values[0], **others} if len(values) == 1 else {**others, "anyOf": values}


def _dedented(schema: Document) -> Document:
    """Return a schema whose description, a docstring, is not indented."""
    if "description" not in schema:
        return schema
    return schema | {"description": inspect.cleandoc(schema["description"])}


def _typed(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema in which enumerations name their type: generators drop what has none."""
    if isinstance(schema, list):
        return [_typed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    typed = {name: _typed(part) for name, part in schema.items()}
    if isinstance(typed.get("enum"), list) and "type" not in typed:
        types = sorted({_JSON_TYPES[type(each)] for each in typed["enum"]})
        return {"type": types[0] if len(types) == 1 else types, **typed}
    return typed
