"""What the JSON schema of a value without parts demands: choices, bounds and formats."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from carafe.contracts.patterns import END, whole
from carafe.domain.requirements import TEXT_FORM

Schema = Mapping[str, Any]

_BOUNDS = ((1, "minimum", "exclusiveMinimum"), (-1, "maximum", "exclusiveMaximum"))
_LEAST = ("minLength", "minItems", "minProperties")
_MOST = ("maxLength", "maxItems", "maxProperties")
_FORMATS = ("pattern", "format", "contentEncoding", "multipleOf", "uniqueItems")

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
    if (written := choices(writer)) is not None:
        additional = [each for each in written if not _is_valid(each, reader)]
        if additional:
            yield f"may be {', '.join(map(str, additional))}"
        return
    if (known := choices(reader)) is not None:
        yield f"may be anything, where {', '.join(map(str, known))} is expected"
    yield from (_difference(writer, reader, each) for each in _too_loose(writer, reader))


def choices(schema: Schema) -> list[Any] | None:
    """Return the values, if they are listed; None if they are not."""
    if schema.get("type") == "null":
        return [None]
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _is_valid(value: object, reader: Schema) -> bool:
    """Return whether a value of the reader's type is valid; formats but a pattern are not seen."""
    known = choices(reader)
    if known is not None and value not in known:
        return False
    if isinstance(value, str) and not re.search(reader.get("pattern", ""), value):
        return False
    formats = {name: reader[name] for name in _FORMATS if name in reader}
    return not any(_too_loose({**formats, **_bounds_of(value)}, reader))


def _bounds_of(value: object) -> Schema:
    if isinstance(value, str):
        return {"minLength": len(value), "maxLength": len(value)}
    if isinstance(value, int | float):
        return {"minimum": value, "maximum": value}
    return {}


def _too_loose(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield the reader's keywords that written values may not satisfy."""
    for sign, *names in _BOUNDS:
        if _bound(writer, sign, *names) < _bound(reader, sign, *names):
            yield from (each for each in names if each in reader)
    yield from (each for each in _LEAST if writer.get(each, 0) < reader.get(each, 0))
    yield from (each for each in _MOST if writer.get(each, math.inf) > reader.get(each, math.inf))
    yield from (each for each in _FORMATS if each in reader and not _is_same(writer, reader, each))


def _bound(schema: Schema, sign: int, inclusive: str, exclusive: str) -> tuple[float, bool]:
    """Return a bound of numbers, and whether it is none of them: the greater, the stricter.

    Args:
        schema: the schema of numbers.
        sign: 1 for a lower bound, -1 for an upper one.
        inclusive: the keyword for the last number.
        exclusive: the keyword for the first one that is none.
    """
    is_integer = schema.get("type") == "integer"
    bounds = [(-math.inf, False)]
    if inclusive in schema:
        bound = sign * schema[inclusive]
        bounds.append((math.ceil(bound) if is_integer else bound, False))
    if exclusive in schema:
        bound = sign * schema[exclusive]
        bounds.append((math.floor(bound) + 1, False) if is_integer else (bound, True))
    return max(bounds)


def _is_same(writer: Schema, reader: Schema, name: str) -> bool:
    """Return whether both schemas have the same format."""
    if name == "pattern" and name in writer:
        return _pattern(writer[name]) == _pattern(reader[name])
    return bool(writer.get(name) == reader[name])


def _pattern(pattern: str) -> str:
    """Return a pattern as it is compared: `$` means the end, with or without its guard."""
    pattern = _SUCCESSORS.get(pattern, pattern)
    return f"{pattern.removesuffix(END)}$" if pattern.endswith(END) else pattern


def _difference(writer: Schema, reader: Schema, name: str) -> str:
    return f"{name} is {writer.get(name, 'none')}, where {reader[name]} is expected"
