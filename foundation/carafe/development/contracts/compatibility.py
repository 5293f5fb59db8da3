"""Whether everything that fits one JSON schema also fits another.

That is what compatibility of contracts comes down to: what a new version of an event may hold
must fit what its consumers read by, and what senders put into a command must fit what a new
version of it takes. It knows the part of JSON Schema that msgspec writes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Definitions = Mapping[str, Schema]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMS = ("pattern", "format", "contentEncoding", "multipleOf")
_UNKNOWN_REFUSED = False


class Comparison:
    """Looks for values that fit one schema, but not the other.

    Args:
        given: what the references in the schemas of the values lead to.
        taken: what the references in the schemas of the reader lead to.
    """

    def __init__(self, given: Definitions, taken: Definitions) -> None:
        self._given = given
        self._taken = taken

    def misfits(self, given: Schema, taken: Schema, pointer: str = "") -> Iterator[str]:
        """Yield why a value of the one schema may not fit the other: a sentence for each place.

        Args:
            given: the schema of the values.
            taken: the schema that they should fit.
            pointer: JSON pointer to the place, for the sentences.
        """
        given, taken = _resolved(given, self._given), _resolved(taken, self._taken)
        if "anyOf" in given:
            for each in given["anyOf"]:
                yield from self.misfits(each, taken, pointer)
        elif "anyOf" in taken:
            if all(any(self.misfits(given, each, pointer)) for each in taken["anyOf"]):
                yield f"{pointer or '/'}: {_kind(given)} is no longer possible"
        else:
            yield from self._misfits_of_one_kind(given, taken, pointer)

    def _misfits_of_one_kind(self, given: Schema, taken: Schema, pointer: str) -> Iterator[str]:
        place = pointer or "/"
        if "type" in taken and not _is_kind(given, taken["type"]):
            yield f"{place}: is {_kind(given)}, where {taken['type']} is expected"
            return
        yield from (f"{place}: {each}" for each in _misfits_of_values(given, taken))
        if "items" in taken:
            yield from self.misfits(given.get("items", {}), taken["items"], f"{pointer}/*")
        yield from self._misfits_of_fields(given, taken, pointer)

    def _misfits_of_fields(self, given: Schema, taken: Schema, pointer: str) -> Iterator[str]:
        mine, theirs = given.get("properties", {}), taken.get("properties", {})
        for name in taken.get("required", ()):
            if name not in given.get("required", ()):
                yield f"{pointer}/{name}: is required, but may be missing"
        for name, schema in mine.items():
            if name in theirs:
                yield from self.misfits(schema, theirs[name], f"{pointer}/{name}")
            elif taken.get("additionalProperties") is _UNKNOWN_REFUSED:
                yield f"{pointer}/{name}: is unknown, and so refused"


def _misfits_of_values(given: Schema, taken: Schema) -> Iterator[str]:
    """Yield how the values themselves may differ: choices, bounds, forms."""
    if (choices := _choices(taken)) is not None:
        more = [each for each in _choices(given) or ["anything"] if each not in choices]
        if more:
            yield f"may be {', '.join(map(str, more))}"
    for name in _LOWER_BOUNDS:
        if name in taken and given.get(name, float("-inf")) < taken[name]:
            yield f"{name} is {given.get(name, 'none')}, where {taken[name]} is expected"
    for name in _UPPER_BOUNDS:
        if name in taken and given.get(name, float("inf")) > taken[name]:
            yield f"{name} is {given.get(name, 'none')}, where {taken[name]} is expected"
    for name in _FORMS:
        if name in taken and given.get(name) != taken[name] and _choices(given) is None:
            yield f"{name} is {given.get(name, 'none')}, where {taken[name]} is expected"


def _resolved(schema: Schema, definitions: Definitions) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _choices(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    choices: list[Any] | None = schema.get("enum")
    return choices


def _is_kind(given: Schema, kind: str) -> bool:
    if "type" in given:
        return given["type"] == kind or (given["type"], kind) == ("integer", "number")
    choices = _choices(given)
    return choices is not None and kind == "string" and all(isinstance(e, str) for e in choices)


def _kind(schema: Schema) -> str:
    return str(schema.get("type") or _choices(schema) or "anything")
