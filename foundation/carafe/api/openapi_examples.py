"""Whole examples, put together from those of the fields."""

from typing import Any

Document = dict[str, Any]

GUESSES = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
"""What fits a field that shows no example and has no rule."""

A_MOMENT = "2026-03-01T12:00:00Z"

RULES = {"pattern", "format", "minLength", "maxLength", "minimum", "maximum"}


def example_of(schema: Document, schemas: Document) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema, made of the first example of each field.

    Args:
        schema: as msgspec makes it.
        schemas: that it may refer to, by name.

    Raises:
        ValueError: a field has rules but no example, and nobody can guess one.
    """
    shown = [schema.get("default"), *schema.get("examples", ()), *schema.get("enum", ())]
    if shown[0] is not None or len(shown) > 1:
        return shown[0] if shown[0] is not None else shown[1]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema["type"] == "array":
        return [example_of(schema["items"], schemas)] if "items" in schema else []
    if schema["type"] == "object":
        return {name: example_of(each, schemas) for name, each in schema["properties"].items()}
    return _guess(schema)


def _guess(schema: Document) -> object:
    if schema.get("format") == "date-time":
        return A_MOMENT
    if RULES & schema.keys():
        raise ValueError(f"a field with rules, but without an example: {schema}")
    return GUESSES[schema["type"]]
