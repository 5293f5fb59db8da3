"""Messages to try a process with: every choice that a contract leaves, as far as it can be listed.

Flags, enumerated values, and what may be left out are tried in every combination. A text, a number
or a moment is one example; texts are all the same, so that messages are about the same thing.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

import msgspec

from carafe.api.openapi_examples import A_MOMENT, Examples
from carafe.contracts.validation import MalformedMessage, read

C = TypeVar("C", bound=msgspec.Struct)

MOST_COMBINATIONS = 64
"""Of one contract; those beyond are not tried."""

# A moment, a date, a time, a length of time, texts that are short or digits, numbers.
TIMES = (A_MOMENT, "2026-03-01", "12:00:00Z", "P1D")
GUESSES: Final[Sequence[Any]] = (*TIMES, "Example", "A", "1", "", 1, 0, 1.5, [], {})
BOUNDS = ("minimum", "exclusiveMinimum", "maximum")

_REF = "#/components/schemas/{name}"


def examples_of(contract: type[C], text: str) -> Iterator[C]:
    """Yield messages of a contract; none if an example is missing.

    Args:
        contract: its class.
        text: stands in each field that may hold it.
    """
    choices = _choices(contract, text)
    for combination in itertools.islice(itertools.product(*choices.values()), MOST_COMBINATIONS):
        try:
            yield read(contract, dict(zip(choices, combination, strict=True)))
        except MalformedMessage:
            continue  # values that do not go together


def _choices(contract: type[msgspec.Struct], text: str) -> dict[str, Sequence[object]]:
    """Return the JSON values to try in each field."""
    (schema,), schemas = msgspec.json.schema_components([contract], ref_template=_REF)
    properties = schemas[schema["$ref"].rpartition("/")[2]].get("properties", {})
    return {
        field.encode_name: _values(field.type, properties[field.encode_name], schemas, text)
        for field in msgspec.structs.fields(contract)
    }


def _values(
    kind: Any,  # noqa: ANN401 - a type form
    schema: dict[str, Any],
    schemas: dict[str, Any],
    text: str,
) -> list[object]:
    schema = {word: value for word, value in schema.items() if word != "default"}
    optional: list[object] = [None] if _accepts(kind, None) else []
    if _accepts(kind, text):
        return [text, *optional]
    if _accepts(kind, value=True):
        return [True, False, *optional]
    schema = next((each for each in schema.get("anyOf", ()) if each != {"type": "null"}), schema)
    named = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    enumerated = [each for each in named.get("enum", ()) if each is not None]
    return [*(enumerated or _example(kind, schema, schemas)), *optional]


def _example(kind: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> list[object]:  # noqa: ANN401 - a type form
    """Return what the contract documents, or else the first guess that fits; empty for none."""
    bounds = [schema[word] for word in BOUNDS if word in schema]
    guesses = [*GUESSES, *bounds, *(each + 1 for each in bounds)]
    with suppress(ValueError):  # it has rules, but no example
        guesses.insert(0, Examples(schemas).of(schema))
    return [each for each in guesses if _accepts(kind, each)][:1]


def _accepts(kind: Any, value: object) -> bool:  # noqa: ANN401 - a type form
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True
