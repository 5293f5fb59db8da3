"""Whole examples, put together from those of the fields."""

from typing import Any

Document = dict[str, Any]


def example_of(schema: Document, schemas: Document) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema, made of the first example of each field.

    Args:
        schema: as msgspec makes it.
        schemas: that it may refer to, by name.

    Raises:
        ValueError: a text has no example, and nobody can guess one.
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
    raise ValueError(f"a field without an example: {schema}")
