"""Bodies made of a contract's documented examples, to be sent to a service that runs.

They hold only what is required, and their texts differ each time, since an aggregate may allow a
name once. A field without a documented example gets whatever fits its rules.
"""

import math
import re
import secrets
import string
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec

from carafe.api.openapi_examples import Examples
from carafe.contracts.validation import MalformedMessage, read
from carafe.contracts.values import IDENTIFIER_PATTERN
from carafe.infrastructure.identifiers import new_id, now

Schema = dict[str, Any]

_REF = "#/schemas/{name}"
_A_TEXT = "Example"
_SHORTEST_NAME = 6
_TRIES = 20


class NoExample(Exception):
    """Nothing can be made that fits a contract; the message names the field."""


def example_of(contract: type) -> Any:  # noqa: ANN401 - any JSON
    """Return a body that fits a contract, and is unlike every other where its texts allow it.

    Raises:
        NoExample: a field has rules or a form, but no documented example to start from.
    """
    (schema,), schemas = msgspec.json.schema_components([contract], ref_template=_REF)
    fault = ""
    # The domain may refuse a variation that the schema allows: then the documented one is taken.
    for is_varied in (True, False):
        body = _BodyExamples(schemas, is_varied=is_varied).of(schema)
        try:
            read(contract, body)
        except MalformedMessage as error:
            fault = str(error)
        else:
            return body
    raise NoExample(f"the contract {contract.__name__} has no example that fits: {fault}")


class _BodyExamples(Examples):
    """Makes the examples of one body.

    Args:
        schemas: that others may refer to, by name.
        is_varied: texts are to differ from the documented ones.
    """

    fewest_items = 0

    def __init__(self, schemas: dict[str, Schema], *, is_varied: bool) -> None:
        super().__init__(schemas)
        self._is_varied = is_varied

    def of(self, schema: Schema) -> Any:  # noqa: ANN401 - any JSON
        """Return what fits a schema; a text differs from the documented one."""
        is_free_text = schema.get("type") == "string" and "enum" not in schema
        if not is_free_text or not self._is_varied:
            return super().of(schema)
        text = str(super().of(schema))
        return next((each for each in _variations(schema, text) if _fits(schema, each)), text)

    def fields(self, schema: Schema) -> list[str]:
        """Return the names of the required fields."""
        return list(schema.get("required", ()))

    def guess(self, schema: Schema) -> Any:  # noqa: ANN401 - any JSON
        """Return what fits a field without a documented example, if that can be guessed."""
        kind = schema.get("type")
        if kind == "string":
            return _text(schema)
        if kind in {"integer", "number"}:
            return _number(schema)
        return True if kind == "boolean" else None


def _text(schema: Schema) -> str:
    """Return a text for which no example is documented."""
    by_format: dict[str, str] = {
        "date-time": now().isoformat(),
        "date": now().date().isoformat(),
        "uuid": str(uuid4()),
        "decimal": "1",
        "duration": "P1D",
    }
    if "contentEncoding" in schema:
        return ""
    if schema.get("pattern") == IDENTIFIER_PATTERN:
        return new_id()
    text: str = _A_TEXT * (schema.get("minLength", 0) // len(_A_TEXT) + 1)
    return by_format.get(schema.get("format", ""), text[: schema.get("maxLength")])


def _variations(schema: Schema, text: str) -> Iterator[str]:
    """Yield texts unlike the documented one; not all of them fit."""
    if (
        "format" in schema
        or "contentEncoding" in schema
        or schema.get("pattern") == IDENTIFIER_PATTERN
    ):
        yield _text(schema)
        return
    if "maxLength" in schema:
        yield f"{text} {secrets.token_hex(3)}"
    # A short one is a code from a list, such as a currency's.
    if sum(map(str.isalnum, text)) >= _SHORTEST_NAME:
        for _ in range(_TRIES):
            yield "".join(map(_another, text))


def _another(character: str) -> str:
    """Return any character of the same kind."""
    for kind in (string.digits, string.ascii_uppercase, string.ascii_lowercase):
        if character in kind:
            return secrets.choice(kind)
    return character


def _fits(schema: Schema, text: str) -> bool:
    length = schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", math.inf)
    return length and re.search(schema.get("pattern", ""), text) is not None


def _number(schema: Schema) -> float:
    """Return a number between its bounds."""
    step: float = schema.get("multipleOf", 1)
    low, high = -math.inf, math.inf
    for word in ("exclusiveMinimum", "minimum"):
        low = schema.get(word, low)
    for word in ("exclusiveMaximum", "maximum"):
        high = schema.get(word, high)
    near = [1, low, low + step, high, high - step, (low + high) / 2]
    finite = [each for each in near if math.isfinite(each)]
    multiples = [math.ceil(each / step) * step for each in finite]
    numbers = [*multiples, *finite]
    return next((each for each in numbers if _within(schema, each)), 1)


def _within(schema: Schema, number: float) -> bool:
    return (
        schema.get("minimum", -math.inf) <= number <= schema.get("maximum", math.inf)
        and schema.get("exclusiveMinimum", -math.inf) < number
        and number < schema.get("exclusiveMaximum", math.inf)
        and (schema["type"] == "number" or number == int(number))
        and number % schema.get("multipleOf", number or 1) == 0
    )
