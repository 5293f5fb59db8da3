"""Schemas at random: what is said to be compatible is valid, and what is looser is compatible."""

import itertools
from dataclasses import dataclass
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from carafe.development.contracts.compatibility import Comparison

Schema = dict[str, Any]
Values = st.SearchStrategy[Any]

NULL = {"type": "null"}
LETTERS = "abc"


@dataclass(frozen=True)
class Pair:
    """The schemas of a value at two times.

    Attributes:
        writer: the writer's schema.
        reader: the reader's schema.
        values: what the writer may write.
    """

    writer: Schema
    reader: Schema
    values: Values


Pairs = st.SearchStrategy[Pair]

Ladder = list[tuple[Schema, Values]]

# Values without parts, from strict to loose: a schema allows what those before it allow.
TEXTS: Ladder = [
    ({"enum": ["a"]}, st.just("a")),
    ({"enum": ["a", "b"]}, st.sampled_from("ab")),
    ({"type": "string", "minLength": 1, "maxLength": 1}, st.sampled_from(LETTERS)),
    ({"type": "string", "maxLength": 2}, st.text(LETTERS, max_size=2)),
    ({"type": "string"}, st.text(LETTERS, max_size=4)),
]
LADDERS: list[Ladder] = [
    [
        ({"const": 1}, st.just(1)),
        ({"enum": [1, 2]}, st.integers(1, 2)),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 3}, st.integers(1, 3)),
        ({"type": "integer", "minimum": 1, "exclusiveMaximum": 5}, st.integers(1, 4)),
        ({"type": "integer", "minimum": 0}, st.integers(0, 9)),
        ({"type": "integer"}, st.integers(-9, 9)),
        ({"type": "number"}, st.floats(-9, 9)),
        ({}, st.booleans() | st.text(LETTERS)),
    ],
    [
        ({"type": "number", "exclusiveMinimum": 1}, st.floats(1, 9, exclude_min=True)),
        ({"type": "number", "minimum": 1}, st.floats(1, 9)),
        ({"type": "number", "exclusiveMinimum": 0}, st.floats(0, 9, exclude_min=True)),
    ],
    TEXTS,
    [
        ({"enum": ["a"]}, st.just("a")),
        ({"type": "string", "pattern": "^a*$"}, st.text("a", max_size=3)),
    ],
    [
        (NULL, st.none()),
        ({"enum": ["a", None]}, st.sampled_from(["a", None])),
        ({"anyOf": [{"type": "string"}, NULL]}, st.none() | st.text(LETTERS)),
    ],
]


def leaves(ladders: list[Ladder], *, is_looser: bool) -> Pairs:
    """Return values without parts; the reader takes all that is written if it is looser."""
    rungs = [rung for ladder in ladders for rung in ladder]
    pairs = [(each, each) for each in rungs]
    for ladder in ladders:
        pairs += itertools.combinations(ladder, 2)
    if not is_looser:
        pairs += itertools.product(rungs, rungs)
    return st.sampled_from([Pair(strict[0], loose[0], strict[1]) for strict, loose in pairs])


def pairs(*, is_looser: bool) -> Pairs:
    """Return any pairs of schemas, or those whose reader takes all that is written."""
    names = leaves([TEXTS], is_looser=is_looser)
    required = [(True, True), (True, False), (False, False)]
    required += [] if is_looser else [(False, True)]

    def extend(parts: Pairs) -> Pairs:
        field = st.tuples(parts, st.sampled_from(required))
        objects = st.builds(_object, st.dictionaries(st.sampled_from(LETTERS), field, max_size=3))
        looser = [
            st.builds(_optional, parts),
            st.builds(_array, parts),
            st.builds(_tuple, parts, parts),
            st.builds(_longer, parts, parts),
            st.builds(_empty, parts),
            st.builds(_mapping, names, parts),
            objects,
            st.builds(_tagged, objects, parts),
        ]
        others = [
            st.builds(_no_longer_optional, parts),
            st.builds(_array_for_tuple, parts),
            st.builds(_mapping_for_object, parts),
            st.builds(_object_for_mapping, objects, parts),
        ]
        return st.one_of(looser if is_looser else looser + others)

    return st.recursive(leaves(LADDERS, is_looser=is_looser), extend, max_leaves=6)


def _optional(part: Pair) -> Pair:
    return Pair(part.writer, {"anyOf": [part.reader, NULL]}, part.values)


def _no_longer_optional(part: Pair) -> Pair:
    return Pair({"anyOf": [part.writer, NULL]}, part.reader, st.none() | part.values)


def _array(part: Pair) -> Pair:
    return Pair(
        {"type": "array", "items": part.writer, "maxItems": 2},
        {"type": "array", "items": part.reader},
        st.lists(part.values, max_size=2),
    )


def _tuple(first: Pair, second: Pair) -> Pair:
    def array(*items: Schema) -> Schema:
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}

    return Pair(
        {**array(first.writer, second.writer), "maxItems": 2},
        array(first.reader, second.reader),
        st.tuples(first.values, second.values).map(list),
    )


def _longer(first: Pair, second: Pair) -> Pair:
    """Return an array of which the reader knows one item more, which may be missing."""
    return Pair(
        {"type": "array", "prefixItems": [first.writer], "minItems": 1},
        {"type": "array", "prefixItems": [first.reader, second.reader], "minItems": 1},
        st.tuples(first.values).map(list),
    )


def _empty(part: Pair) -> Pair:
    return Pair(
        {"type": "array", "maxItems": 0}, {"type": "array", "items": part.reader}, st.just([])
    )


def _array_for_tuple(part: Pair) -> Pair:
    return Pair(
        {"type": "array", "items": part.writer},
        {"type": "array", "prefixItems": [part.reader], "items": False},
        st.lists(part.values, max_size=2),
    )


def _mapping(name: Pair, part: Pair) -> Pair:
    return Pair(
        {"type": "object", "propertyNames": name.writer, "additionalProperties": part.writer},
        {"type": "object", "propertyNames": name.reader, "additionalProperties": part.reader},
        st.dictionaries(name.values, part.values, max_size=2),
    )


def _mapping_for_object(part: Pair) -> Pair:
    return Pair(
        {"type": "object", "additionalProperties": part.writer},
        {"type": "object", "properties": {"a": part.reader}, "additionalProperties": False},
        st.dictionaries(st.sampled_from(LETTERS), part.values, max_size=2),
    )


def _object_for_mapping(one: Pair, part: Pair) -> Pair:
    return Pair(one.writer, {"type": "object", "additionalProperties": part.reader}, one.values)


def _object(fields: dict[str, tuple[Pair, tuple[bool, bool]]]) -> Pair:
    """Return an object; each field may be required by the writer, and by the reader."""
    present, optional = (
        {name: part.values for name, (part, required) in fields.items() if required[0] is each}
        for each in (True, False)
    )
    return Pair(
        {
            "type": "object",
            "properties": {name: part.writer for name, (part, _) in fields.items()},
            "required": [*present],
        },
        {
            "type": "object",
            "properties": {name: part.reader for name, (part, _) in fields.items()},
            "required": [name for name, (_, required) in fields.items() if required[1]],
            "additionalProperties": False,
        },
        st.fixed_dictionaries(present, optional=optional),
    )


def _tagged(one: Pair, other: Pair) -> Pair:
    """Return an object with a tag, which the reader may find beside one with another tag."""

    def tagged(schema: Schema, tag: str) -> Schema:
        properties = {"type": {"const": tag}, **schema["properties"]}
        return {**schema, "properties": properties, "required": ["type", *schema["required"]]}

    more = {"type": "object", "properties": {"type": {"const": "other"}, "a": other.reader}}
    return Pair(
        tagged(one.writer, "one"),
        {"anyOf": [more, tagged(one.reader, "one")]},
        one.values.map(lambda value: {**value, "type": "one"}),
    )


def faults(pair: Pair) -> list[str]:
    return [str(each) for each in Comparison({}, {}).incompatibilities(pair.writer, pair.reader)]


@given(pairs(is_looser=False), st.data())
def test_the_reader_takes_what_the_writer_may_write(pair: Pair, data: st.DataObject) -> None:
    assume(not faults(pair))
    Draft202012Validator(pair.reader).validate(data.draw(pair.values))


@given(pairs(is_looser=True))
def test_whatever_is_looser_is_compatible(pair: Pair) -> None:
    assert faults(pair) == []
