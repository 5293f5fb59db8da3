"""Bodies made of a contract's documented examples, to be sent to a service that runs.

Another `example_of` is in `carafe.api.openapi_examples`. That one shows readers every field, the
same on every page, and refuses to guess; this one sends only what is required, and says something
else each time, since an aggregate may allow a name once.
"""

import math
import re
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec

from carafe.infrastructure.identifiers import new_id, now

Schema = dict[str, Any]

_REF = "#/schemas/{name}"
_IDENTIFIER = "^[!-~]{1,64}$"
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
    for varied in (True, False):
        body = _Examples(schemas, varied=varied).of(schema)
        try:
            msgspec.convert(body, contract)
        except msgspec.ValidationError as error:
            fault = str(error)
        else:
            return body
    raise NoExample(f"the contract {contract.__name__} has no example that fits: {fault}")


@dataclass(frozen=True)
class _Examples:
    """Makes the examples of one body.

    Attributes:
        schemas: that others may refer to, by name.
        varied: texts are to differ from the documented ones.
    """

    schemas: dict[str, Schema]
    varied: bool

    def of(self, schema: Schema) -> Any:  # noqa: ANN401 - any JSON
        """Return what fits a schema."""
        if "$ref" in schema:
            return self.of(self.schemas[schema["$ref"].rpartition("/")[2]])
        if schema.get("type") == "string" and "enum" not in schema:
            return self._text(schema)
        shown = [*schema.get("examples", ()), *schema.get("enum", ())]
        return shown[0] if shown else self._without_example(schema)

    def _without_example(self, schema: Schema) -> Any:  # noqa: ANN401 - any JSON
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0])
        kind = schema.get("type")
        if kind == "object":
            wanted = schema.get("required", ())
            return {name: self.of(schema["properties"][name]) for name in wanted}
        if kind == "array":
            each = schema.get("prefixItems") or [schema.get("items")] * schema.get("minItems", 0)
            return [self.of(item) for item in each]
        if kind in {"integer", "number"}:
            return _number(schema)
        return True if kind == "boolean" else None

    def _text(self, schema: Schema) -> str:
        shown = str(next(iter(schema.get("examples", ())), _guess(schema)))
        variations = _variations(schema, shown) if self.varied else iter(())
        return next((each for each in variations if _fits(schema, each)), shown)


def _guess(schema: Schema) -> str:
    """Return a text for which no example is documented."""
    known: dict[str, str] = {
        "date-time": now().isoformat(),
        "date": now().date().isoformat(),
        "uuid": str(uuid4()),
        "decimal": "1",
        "duration": "P1D",
    }
    if "contentEncoding" in schema:
        return ""
    if schema.get("pattern") == _IDENTIFIER:
        return new_id()
    text: str = _A_TEXT * (schema.get("minLength", 0) // len(_A_TEXT) + 1)
    return known.get(schema.get("format", ""), text[: schema.get("maxLength")])


def _variations(schema: Schema, shown: str) -> Iterator[str]:
    """Yield other texts than the documented one; not each need fit."""
    if "format" in schema or "contentEncoding" in schema or schema.get("pattern") == _IDENTIFIER:
        yield _guess(schema)
        return
    if "maxLength" in schema:
        yield f"{shown} {secrets.token_hex(3)}"
    # A short one is a code from a list, such as a currency's.
    if sum(map(str.isalnum, shown)) >= _SHORTEST_NAME:
        for _ in range(_TRIES):
            yield "".join(map(_another, shown))


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
