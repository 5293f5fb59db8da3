"""JSON schemas, less what does not matter when two of them are compared."""

from typing import Any

from carafe.contracts.json_schemas import schema_components

Document = dict[str, Any]

# Words of a schema that are notes for people.
NOTES = {"title", "description", "examples", "example"}


def shape_of(contract: Any) -> Document:  # noqa: ANN401 - a type form
    """Return the shape of what a client takes or returns."""
    (schema,), components = schema_components([contract], "#/components/schemas/{name}")
    reduced: Document = shape(schema, components)
    return reduced


def shape(schema: Any, components: Document) -> Any:  # noqa: ANN401 - any part of a schema
    """Return a schema less its notes, with everything that it refers to in its place."""
    if isinstance(schema, list):
        return [shape(each, components) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return shape(components[schema["$ref"].rpartition("/")[2]], components)
    reduced = {
        word: shape(value, components)
        for word, value in schema.items()
        if word not in {*NOTES, "properties", "required"}
    }
    if "enum" in reduced:  # its values say the type, which a document may name as well
        reduced.pop("type", None)
    if "properties" in schema:
        reduced["properties"] = {
            name: shape(value, components) for name, value in schema["properties"].items()
        }
        reduced["required"] = sorted(schema.get("required", []))
    return reduced


def without(schema: Document, names: set[str]) -> Document:
    """Return an object's shape less some of its properties."""
    kept = {name: value for name, value in schema["properties"].items() if name not in names}
    required = [name for name in schema["required"] if name not in names]
    return schema | {"properties": kept, "required": required}


def parameters_of(operation: Document, document: Document) -> list[Document]:
    """Return an operation's parameters, those that stand elsewhere in the document included."""
    shared = document["components"].get("parameters", {})
    return [
        shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in operation["parameters"]
    ]
