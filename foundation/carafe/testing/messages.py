"""Commands, queries and events made from the examples in their contracts."""

from typing import Any, TypeVar

import msgspec

from carafe.api.openapi_examples import example_of
from carafe.contracts.validation import read

C = TypeVar("C", bound=msgspec.Struct)

_REF = "#/components/schemas/{name}"


def a_message(contract: type[C], **fields: Any) -> C:  # noqa: ANN401 - any value of a field
    """Return a message with every field set: to the value passed, or to its first example.

    Raises:
        ValueError: a field has constraints, but no example.
    """
    (schema,), schemas = msgspec.json.schema_components([contract], ref_template=_REF)
    values = example_of(schema, schemas)
    message = read(contract, _with_optional(values, schema, schemas))
    return msgspec.structs.replace(message, **fields) if fields else message


def _with_optional(
    values: dict[str, Any], schema: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    """Fill in optional fields, which have a default instead of an example."""
    properties = schemas[schema["$ref"].rpartition("/")[2]]["properties"]
    without_default = {
        name: {word: value for word, value in each.items() if word != "default"}
        for name, each in properties.items()
        if values[name] is None
    }
    return values | {name: example_of(each, schemas) for name, each in without_default.items()}
