"""Commands, queries and events made of the examples in their contracts."""

from typing import Any, TypeVar

import msgspec

from carafe.api.openapi_examples import example_of

C = TypeVar("C", bound=msgspec.Struct)

_REF = "#/components/schemas/{name}"


def a_message(contract: type[C], **fields: Any) -> C:  # noqa: ANN401 - any value of a field
    """Return a message with every field set: as given, or to its first example.

    Raises:
        ValueError: a field has rules, but no example.
    """
    (schema,), schemas = msgspec.json.schema_components([contract], ref_template=_REF)
    values = example_of(schema, schemas)
    made = msgspec.convert(_with_optional(values, schema, schemas), contract)
    return msgspec.structs.replace(made, **fields) if fields else made


def _with_optional(
    values: dict[str, Any], schema: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    """Fill in the fields that may be left out, which have a default instead of an example."""
    properties = schemas[schema["$ref"].rpartition("/")[2]]["properties"]
    without_default = {
        name: {word: value for word, value in each.items() if word != "default"}
        for name, each in properties.items()
        if values[name] is None
    }
    return values | {name: example_of(each, schemas) for name, each in without_default.items()}
