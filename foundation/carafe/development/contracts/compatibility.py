"""Checks that every value of one JSON schema is valid under another.

Compatibility of contracts comes down to this: a new version of an event must be valid under the
schema that its consumers read it with, and the commands of existing senders must be valid under
their new schema. As in Avro, the two are called the writer's and the reader's schema. The part of
JSON Schema that msgspec generates is supported.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from .values import Schema, choices, incompatible_values, listing

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


@dataclass(frozen=True)
class _Pair:
    """Two schemas that are compared; the pair keeps them, so that no others get their ids."""

    writer: Schema
    reader: Schema

    @property
    def key(self) -> tuple[int, int]:
        return id(self.writer), id(self.reader)


class Comparison:
    """Compares writers' schemas with readers' schemas.

    Args:
        writer: the definitions that the writers' schemas refer to.
        reader: the definitions that the readers' schemas refer to.
    """

    def __init__(self, writer: Definitions, reader: Definitions) -> None:
        self._writer = writer
        self._reader = reader
        self._under_way: list[_Pair] = []  # from the outermost inwards
        self._recursive: dict[tuple[int, int], _Pair] = {}

    def incompatibilities(self, writer: Schema, reader: Schema) -> Iterator[Incompatibility]:
        """Yield each place where a written value may be invalid for the reader.

        Args:
            writer: the writer's schema.
            reader: the reader's schema.
        """
        self._under_way.clear()
        self._recursive.clear()
        yield from self._differences(writer, reader, "")

    def _differences(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[Incompatibility]:
        readers = [*_alternatives(reader, self._reader)]
        for each in _alternatives(writer, self._writer):
            yield from self._differences_of_kind(each, readers, pointer)

    def _differences_of_kind(
        self, writer: Schema, readers: Sequence[Schema], pointer: str
    ) -> Iterator[Incompatibility]:
        """Yield what is wrong unless one of the readers can read it.

        If one of them alone is for such values, the fault is that one's: among an object and null
        the object, among tagged objects the one with the same tag.
        """
        of_type = [each for each in readers if _has_type(writer, each)]
        meant = of_type
        if len(of_type) > 1:
            meant = [each for each in of_type if not self._other_tags(writer, each)]
        if not of_type:
            expected = " or ".join(dict.fromkeys(each["type"] for each in readers))
            reason = f"is {_type_name(writer)}, where {expected} is expected"
            yield Incompatibility(pointer, reason)
        elif len(meant) == 1:
            yield from self._differences_of_type(writer, meant[0], pointer)
        elif not meant:
            for name, tag in self._other_tags(writer, of_type[0]):
                yield Incompatibility(f"{pointer}/{name}", f"may be {tag}")
        else:  # msgspec has at most one kind of objects without a tag, and of arrays
            faults = [[*self._differences_of_type(writer, each, pointer)] for each in meant]
            if all(faults):
                yield Incompatibility(pointer, f"no kind of {_type_name(writer)} takes all values")

    def _other_tags(self, writer: Schema, reader: Schema) -> list[tuple[str, str]]:
        """Return the fields whose listed values are all unknown to the reader, with these."""
        fields, known_fields = writer.get("properties", {}), reader.get("properties", {})
        tags = []
        for name in fields:
            written = choices(_resolve(fields[name], self._writer))
            known = choices(_resolve(known_fields.get(name, {}), self._reader))
            if written and known and not any(each in known for each in written):
                tags.append((name, listing(written)))
        return tags

    def _differences_of_type(
        self, writer: Schema, reader: Schema, pointer: str
    ) -> Iterator[Incompatibility]:
        """Yield what is wrong with values of one type.

        What contains itself is compatible if all the rest is. It is told of once, at the first
        place: its places have no end.
        """
        pair = _Pair(writer, reader)
        if pair.key in self._recursive:
            return
        keys = [each.key for each in self._under_way]
        if pair.key in keys:
            repeated = self._under_way[keys.index(pair.key) :]
            self._recursive.update((each.key, each) for each in repeated)
            return
        self._under_way.append(pair)
        for reason in incompatible_values(writer, reader):
            yield Incompatibility(pointer, reason)
        yield from self._incompatible_items(writer, reader, pointer)
        yield from self._incompatible_fields(writer, reader, pointer)
        self._under_way.pop()

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
            for each in self._differences(_names(writer), _names(reader), pointer):
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
            yield from self._differences({} if writer is True else writer, reader, pointer)


def _alternatives(schema: Schema, definitions: Definitions) -> Iterator[Schema]:
    """Yield the schemas that a value may have, each of one type unless it may be anything."""
    schema = _resolve(schema, definitions)
    values = choices(schema)
    if "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _alternatives(each, definitions)
    elif values is not None and "type" not in schema:
        for name, group in groupby(values, _json_type):
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
    if "properties" in schema and not schema.get("additionalProperties", False):
        return {"type": "string", "enum": [*schema["properties"]]}
    return {"type": "string", **schema.get("propertyNames", {})}


def _has_type(writer: Schema, reader: Schema) -> bool:
    """Return whether written values are of the reader's type, whatever else it demands."""
    types = (writer.get("type"), reader.get("type"))
    return types[1] in {None, types[0]} or types == ("integer", "number")


def _type_name(schema: Schema) -> str:
    return str(schema.get("type", "anything"))
