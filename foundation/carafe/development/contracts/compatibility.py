"""Checks that every value of one JSON schema is valid under another.

Compatibility of contracts comes down to this: a new version of an event must be valid under the
schema that its consumers read it with, and the commands of existing senders must be valid under
their new schema. As in Avro, the two are called the writer's and the reader's schema. The part of
JSON Schema that msgspec generates is supported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .values import choices, incompatible_values

Schema = Mapping[str, Any]
Definitions = Mapping[str, Schema]
Part = Schema | bool
"""The schema of a field or an item; False if there is none, True if it may be anything."""

MAY_BE_MISSING = "is required, but may be missing"
"""What is said of a field that readers need."""

_UNKNOWN = "is unknown to the reader, and therefore refused"

_JSON_TYPES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}


@dataclass(frozen=True)
class Incompatibility:
    """A place where a written value may be invalid for the reader.

    Attributes:
        pointer: the JSON pointer to it; a `*` stands for any item, or any name.
        reason: why it may be invalid.
    """

    pointer: str
    reason: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.pointer or '/'}: {self.reason}"


class Comparison:
    """Compares writers' schemas with readers' schemas.

    Args:
        writer: the definitions that the writers' schemas refer to.
        reader: the definitions that the readers' schemas refer to.
    """

    def __init__(self, writer: Definitions, reader: Definitions) -> None:
        self._writer = writer
        self._reader = reader
        self._compared: list[tuple[Schema, Schema]] = []  # from the outermost inwards

    def incompatibilities(
        self, writer: Schema, reader: Schema, pointer: str = ""
    ) -> Iterator[Incompatibility]:
        """Yield each place where a written value may be invalid for the reader.

        Args:
            writer: the writer's schema.
            reader: the reader's schema.
            pointer: the JSON pointer to the compared values.
        """
        readers = [*_alternatives(reader, self._reader)]
        for each in _alternatives(writer, self._writer):
            yield from self._incompatibilities_of_choice(each, readers, pointer)

    def _incompatibilities_of_choice(
        self, writer: Schema, readers: Sequence[Schema], pointer: str
    ) -> Iterator[Incompatibility]:
        """Yield what is wrong unless one of the readers can read it.

        If one of them alone is for such values, the fault is that one's: among an object and null
        the object, among tagged objects the one with the same tag.
        """
        faults = [[*self._incompatibilities_of_type(writer, each, pointer)] for each in readers]
        if not all(faults):
            return
        meant = [
            fault
            for fault, each in zip(faults, readers, strict=True)
            if len(readers) == 1 or self._is_meant(writer, each)
        ]
        if len(meant) == 1:
            yield from meant[0]
        else:
            yield Incompatibility(pointer, f"{_type_name(writer)} is no longer possible")

    def _is_meant(self, writer: Schema, reader: Schema) -> bool:
        """Return whether some written values are for this reader, of several."""
        fields, known_fields = writer.get("properties", {}), reader.get("properties", {})
        return _has_type(writer, reader) and all(
            self._may_be_equal(fields[name], known_fields[name])
            for name in {*fields} & {*known_fields}
        )

    def _may_be_equal(self, writer: Schema, reader: Schema) -> bool:
        written = choices(_resolve(writer, self._writer))
        known = choices(_resolve(reader, self._reader))
        return written is None or known is None or any(each in known for each in written)

    def _incompatibilities_of_type(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[Incompatibility]:
        if not _has_type(writer, reader):
            expected = f"is {_type_name(writer)}, where {reader['type']} is expected"
            yield Incompatibility(pointer, expected)
            return
        if any(pair[0] is writer and pair[1] is reader for pair in self._compared):
            return  # they contain themselves, and are compatible if all the rest is
        self._compared.append((writer, reader))
        for reason in incompatible_values(writer, reader):
            yield Incompatibility(pointer, reason)
        yield from self._incompatible_items(writer, reader, pointer)
        yield from self._incompatible_fields(writer, reader, pointer)
        self._compared.pop()

    def _incompatible_items(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[Incompatibility]:
        first, known_first = writer.get("prefixItems", ()), reader.get("prefixItems", ())
        rest: Part = writer.get("items", "prefixItems" not in writer)
        known_rest: Part = reader.get("items", True)
        places = max(len(first), len(known_first))
        most = writer.get("maxItems", places + 1)
        for number in range(min(places, most)):
            yield from self._incompatible_part(
                first[number] if number < len(first) else rest,
                known_first[number] if number < len(known_first) else known_rest,
                f"{pointer}/{number}",
            )
        if most > places:
            yield from self._incompatible_part(rest, known_rest, f"{pointer}/*")

    def _incompatible_fields(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[Incompatibility]:
        fields, known_fields = writer.get("properties", {}), reader.get("properties", {})
        rest: Part = writer.get("additionalProperties", "properties" not in writer)
        known_rest: Part = reader.get("additionalProperties", True)
        for name in reader.get("required", ()):
            if name not in writer.get("required", ()):
                yield Incompatibility(f"{pointer}/{name}", MAY_BE_MISSING)
        for name in {**fields, **known_fields}:
            yield from self._incompatible_part(
                fields.get(name, rest), known_fields.get(name, known_rest), f"{pointer}/{name}"
            )
        yield from self._incompatible_part(rest, known_rest, f"{pointer}/*")
        if "propertyNames" in reader:
            for each in self.incompatibilities(_names(writer), _names(reader), pointer):
                yield Incompatibility(each.pointer, f"a name: {each.reason}")

    def _incompatible_part(
        self, writer: Part, reader: Part, pointer: str
    ) -> Iterator[Incompatibility]:
        """Yield what is wrong with a field or an item, which either side may have or not."""
        if writer is False or reader is True:
            return
        if reader is False:
            yield Incompatibility(pointer, _UNKNOWN)
        else:
            yield from self.incompatibilities({} if writer is True else writer, reader, pointer)


def _alternatives(schema: Schema, definitions: Definitions) -> Iterator[Schema]:
    """Yield the schemas that a value may have, each of one type unless it may be anything."""
    schema = _resolve(schema, definitions)
    values = choices(schema)
    if "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _alternatives(each, definitions)
    elif values is not None and "type" not in schema:
        for name, group in groupby(sorted(values, key=_json_type), _json_type):
            yield {"type": name, "enum": [*group]}
    else:
        yield schema


def _resolve(schema: Schema, definitions: Definitions) -> Schema:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _json_type(value: object) -> str:
    return _JSON_TYPES[type(value)]


def _names(schema: Schema) -> Schema:
    """Return the schema of an object's names."""
    return {"type": "string", **schema.get("propertyNames", {})}


def _has_type(writer: Schema, reader: Schema) -> bool:
    """Return whether written values are of the reader's type, whatever else it demands."""
    types = (writer.get("type"), reader.get("type"))
    return types[1] in {None, types[0]} or types == ("integer", "number")


def _type_name(schema: Schema) -> str:
    return str(schema.get("type", "anything"))
