"""What the JSON schema of a value without parts demands: choices, bounds and formats."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from carafe.contracts.patterns import END, whole
from carafe.domain.requirements import TEXT_FORM

Schema = Mapping[str, Any]

_BOUNDS = ((1, "minimum", "exclusiveMinimum"), (-1, "maximum", "exclusiveMaximum"))
_LEAST = ("minLength", "minItems", "minProperties")
_MOST = ("maxLength", "maxItems", "maxProperties")
_FORMATS = ("format", "contentEncoding", "uniqueItems")

# Patterns of the foundation's first release, which no service can keep: texts that show nothing
# were possible then, and amounts of CLF and UYW without their last two digits.
_SUCCESSORS = {
    (
        r"^[ \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]*"
        r"[^\x00-\x1f\x7f-\x9f\u2028\u2029 \xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
        r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
    ): whole(TEXT_FORM),
    r"^[0-9]{1,12}(\.[0-9]{1,3})?$": whole(r"[0-9]{1,12}(\.[0-9]{1,4})?"),
}


def incompatible_values(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield what a reader demands that a written value of its type may not have.

    The parts of arrays and objects are not looked at, except for their number.
    """
    written, known = choices(writer), choices(reader)
    if written is not None:
        unknown = [each for each in written if not _is_valid(each, reader)]
        if unknown:
            yield f"may be {listing(unknown)}"
    elif known is not None:
        yield f"may be anything, where {listing(known)} is expected"
    else:
        bounded = {**_counts(writer), **writer}
        for name in _too_loose(bounded, reader):
            yield f"{name} is {writer.get(name, 'none')}, where {reader[name]} is expected"


def choices(schema: Schema) -> list[Any] | None:
    """Return the values, if they are listed; None if they are not."""
    if schema.get("type") == "null":
        return [None]
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def listing(values: Iterable[object]) -> str:
    """Return values as a person reads them."""
    return ", ".join(map(str, values))


def _is_valid(value: object, reader: Schema) -> bool:
    """Return whether a value of the reader's type is valid; of a format, nothing is known."""
    known = choices(reader)
    if known is not None:
        return value in known
    if isinstance(value, str) and not re.search(reader.get("pattern", ""), value):
        return False
    return not any(_too_loose({"pattern": reader.get("pattern"), **_alone(value)}, reader))


def _alone(value: object) -> Schema:
    """Return the schema that a single value has, as far as it can be too loose."""
    if isinstance(value, str):
        return {"minLength": len(value), "maxLength": len(value)}
    if isinstance(value, int | float):
        return {"minimum": value, "maximum": value, "multipleOf": value}
    return {}


def _counts(schema: Schema) -> Schema:
    """Return the least and greatest numbers of parts that follow from the parts themselves."""
    counts = {"minProperties": len(schema.get("required", ()))}
    if "properties" in schema and not schema.get("additionalProperties", False):
        counts["maxProperties"] = len(schema["properties"])
    if "prefixItems" in schema and not schema.get("items", False):
        counts["maxItems"] = len(schema["prefixItems"])
    return counts


def _too_loose(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield the reader's keywords that written values may not satisfy."""
    for sign, *names in _BOUNDS:
        if _bound(writer, sign, *names) < _bound(reader, sign, *names):
            yield from (each for each in names if each in reader)
    yield from (each for each in _LEAST if writer.get(each, 0) < reader.get(each, 0))
    yield from (each for each in _MOST if writer.get(each, math.inf) > reader.get(each, math.inf))
    yield from (each for each in _FORMATS if each in reader and writer.get(each) != reader[each])
    if "pattern" in reader and _pattern(writer.get("pattern")) != _pattern(reader["pattern"]):
        yield "pattern"
    if "multipleOf" in reader and (not (step := _step(writer)) or step % reader["multipleOf"]):
        yield "multipleOf"


def _step(schema: Schema) -> float | None:
    """Return what all numbers are multiples of; None if they are of nothing."""
    step: float | None = schema.get("multipleOf", 1 if schema.get("type") == "integer" else None)
    return step


def _bound(schema: Schema, sign: int, inclusive: str, exclusive: str) -> tuple[float, bool]:
    """Return a bound of numbers, and whether it is none of them: the greater, the stricter.

    Args:
        schema: the schema of numbers.
        sign: 1 for a lower bound, -1 for an upper one.
        inclusive: the keyword for the last number.
        exclusive: the keyword for the first one that is none.
    """
    if inclusive in schema:
        return sign * schema[inclusive], False
    if exclusive not in schema:
        return -math.inf, False
    bound = sign * schema[exclusive]
    return (bound + 1, False) if schema.get("type") == "integer" else (bound, True)


def _pattern(pattern: str | None) -> str | None:
    """Return a pattern as it is compared: `$` means the end, with or without its guard."""
    if pattern is None:
        return None
    pattern = _SUCCESSORS.get(pattern, pattern)
    return f"{pattern.removesuffix(END)}$" if pattern.endswith(END) else pattern
