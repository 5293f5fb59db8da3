"""Whole examples, put together from those of the fields.

`Examples` is also the core of `carafe.development.examples`, which makes bodies to be sent.
"""

from typing import Any, Final

Document = dict[str, Any]

GUESSES: Final = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
"""What fits a field that documents no example and has no rule."""

A_MOMENT = "2026-03-01T12:00:00Z"

RULES = {
    *("pattern", "format", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def example_of(schema: Document, schemas: Document) -> Any:  # noqa: ANN401 - any JSON
    """Return a value that fits a schema, made of the first example of each field.

    Args:
        schema: as msgspec makes it.
        schemas: that it may refer to, by name.

    Raises:
        ValueError: a field has rules but no example, and nobody can guess one.
    """
    return Examples(schemas).of(schema)


class Examples:
    """Makes examples that readers see: the same each time, with every field.

    Args:
        schemas: that others may refer to, by name.
    """

    fewest_items = 1

    def __init__(self, schemas: Document) -> None:
        self._schemas = schemas

    def of(self, schema: Document) -> Any:  # noqa: ANN401 - any JSON
        """Return what fits a schema: what it documents, or else what its parts do.

        Raises:
            ValueError: as `guess`.
        """
        default = schema.get("default")
        documented = [*schema.get("examples", ()), *schema.get("enum", ())]
        if default is not None or documented:
            return documented[0] if default is None else default
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0])
        if schema.get("type") == "array":
            return [self.of(each) for each in self._items(schema)]
        if schema.get("type") == "object":
            return {name: self.of(schema["properties"][name]) for name in self.fields(schema)}
        return self.guess(schema)

    def fields(self, schema: Document) -> list[str]:
        """Return the names of the fields that an object has: all of them."""
        return list(schema.get("properties", ()))

    def guess(self, schema: Document) -> Any:  # noqa: ANN401 - any JSON
        """Return what fits a field without a documented example.

        Raises:
            ValueError: the field has rules.
        """
        if schema.get("format") == "date-time":
            return A_MOMENT
        if RULES & schema.keys():
            raise ValueError(f"a field with rules, but without an example: {schema}")
        return GUESSES[schema["type"]]

    def _items(self, schema: Document) -> list[Document]:
        if "prefixItems" in schema:
            return list(schema["prefixItems"])
        count = max(self.fewest_items, schema.get("minItems", 0))
        return [schema["items"]] * count if "items" in schema else []
