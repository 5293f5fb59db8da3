"""Checks that every value of one JSON schema is valid under another.

Compatibility of contracts comes down to this: a new version of an event must be valid under the
schema that its consumers read it with, and the commands of existing senders must be valid under
their new schema. As in Avro, the two are called the writer's and the reader's schema. The part of
JSON Schema that msgspec generates is supported.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carafe.contracts.patterns import END, whole
from carafe.domain.requirements import TEXT_FORM

Schema = Mapping[str, Any]
Definitions = Mapping[str, Schema]

_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FORMATS = ("pattern", "format", "contentEncoding", "multipleOf")
_FORBIDDEN = False

MAY_BE_MISSING = "is required, but may be missing"
"""What is said of a field that readers need."""

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


class Comparison:
    """Compares writers' schemas with readers' schemas.

    Args:
        writer: the definitions that the writers' schemas refer to.
        reader: the definitions that the readers' schemas refer to.
    """

    def __init__(self, writer: Definitions, reader: Definitions) -> None:
        self._writer = writer
        self._reader = reader

    def incompatibilities(self, writer: Schema, reader: Schema, pointer: str = "") -> Iterator[str]:
        """Yield a sentence for each place where a written value may be invalid for the reader.

        Args:
            writer: the writer's schema.
            reader: the reader's schema.
            pointer: the JSON pointer to the place, for the sentences.
        """
        writer, reader = _resolve(writer, self._writer), _resolve(reader, self._reader)
        if "anyOf" in writer:
            for each in writer["anyOf"]:
                yield from self.incompatibilities(each, reader, pointer)
        elif "anyOf" in reader:
            yield from self._incompatibilities_of_choice(writer, reader["anyOf"], pointer)
        else:
            yield from self._incompatibilities_of_type(writer, reader, pointer)

    def _incompatibilities_of_choice(
        self, writer: Schema, readers: Sequence[Schema], pointer: str
    ) -> Iterator[str]:
        """Yield what is wrong unless one of the readers can read it.

        If one of them alone is of the written type, such as an object that may be null as well, the
        fault is that one's.
        """
        faults = [[*self.incompatibilities(writer, each, pointer)] for each in readers]
        if not all(faults):
            return
        types = [_resolve(each, self._reader).get("type") for each in readers]
        of_type = [
            fault for fault, each in zip(faults, types, strict=True) if _has_type(writer, each)
        ]
        if len(of_type) == 1:
            yield from of_type[0]
        else:
            yield f"{pointer or '/'}: {_type_name(writer)} is no longer possible"

    def _incompatibilities_of_type(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[str]:
        place = pointer or "/"
        if "type" in reader and not _has_type(writer, reader["type"]):
            yield f"{place}: is {_type_name(writer)}, where {reader['type']} is expected"
            return
        yield from (f"{place}: {each}" for each in _incompatible_values(writer, reader))
        if "items" in reader:
            yield from self.incompatibilities(
                writer.get("items", {}), reader["items"], f"{pointer}/*"
            )
        yield from self._incompatible_fields(writer, reader, pointer)

    def _incompatible_fields(self, writer: Schema, reader: Schema, pointer: str) -> Iterator[str]:
        fields, known_fields = writer.get("properties", {}), reader.get("properties", {})
        for name in reader.get("required", ()):
            if name not in writer.get("required", ()):
                yield f"{pointer}/{name}: {MAY_BE_MISSING}"
        for name, schema in fields.items():
            if name in known_fields:
                yield from self.incompatibilities(schema, known_fields[name], f"{pointer}/{name}")
            elif reader.get("additionalProperties") is _FORBIDDEN:
                yield f"{pointer}/{name}: is unknown to the reader, and therefore refused"


def _incompatible_values(writer: Schema, reader: Schema) -> Iterator[str]:
    """Yield incompatible choices, bounds and formats."""
    if (choices := _choices(reader)) is not None:
        additional = [each for each in _choices(writer) or ["anything"] if each not in choices]
        if additional:
            yield f"may be {', '.join(map(str, additional))}"
    for name in _LOWER_BOUNDS:
        if name in reader and writer.get(name, float("-inf")) < reader[name]:
            yield f"{name} is {writer.get(name, 'none')}, where {reader[name]} is expected"
    for name in _UPPER_BOUNDS:
        if name in reader and writer.get(name, float("inf")) > reader[name]:
            yield f"{name} is {writer.get(name, 'none')}, where {reader[name]} is expected"
    for name in _FORMATS:
        if name in reader and not _is_same(writer, reader, name) and _choices(writer) is None:
            yield f"{name} is {writer.get(name, 'none')}, where {reader[name]} is expected"


def _is_same(writer: Schema, reader: Schema, name: str) -> bool:
    """Return whether both schemas have the same format."""
    if name == "pattern" and name in writer:
        return _pattern(writer[name]) == _pattern(reader[name])
    return bool(writer.get(name) == reader[name])


def _pattern(pattern: str) -> str:
    """Return a pattern as it is compared: `$` means the end, with or without its guard."""
    pattern = _SUCCESSORS.get(pattern, pattern)
    return f"{pattern.removesuffix(END)}$" if pattern.endswith(END) else pattern


def _resolve(schema: Schema, definitions: Definitions) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _choices(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    choices: list[Any] | None = schema.get("enum")
    return choices


def _has_type(writer: Schema, type_name: str | None) -> bool:
    if "type" in writer:
        return writer["type"] == type_name or (writer["type"], type_name) == ("integer", "number")
    choices = _choices(writer)
    return (
        choices is not None and type_name == "string" and all(isinstance(e, str) for e in choices)
    )


def _type_name(schema: Schema) -> str:
    return str(schema.get("type") or _choices(schema) or "anything")
