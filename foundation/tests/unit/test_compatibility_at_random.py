"""Schemas at random: what is said to be compatible is valid, and what is looser is compatible."""

import itertools
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
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
Ladder = list[tuple[Schema, list[Any]]]


def _integer(**bounds: int) -> Schema:
    return {"type": "integer", **bounds}


def _number(**bounds: float) -> Schema:
    return {"type": "number", **bounds}


def _text(**bounds: int | str) -> Schema:
    return {"type": "string", **bounds}


# Schemas with some of their values, from strict to loose: each allows what those before it allow.
TEXTS: Ladder = [
    ({"enum": ["a"]}, ["a"]),
    ({"enum": ["a", "b"]}, ["a", "b"]),
    (_text(minLength=1, maxLength=1), ["c"]),
    (_text(maxLength=2), ["", "ab"]),
    (_text(), ["", "abc"]),
]
LADDERS: list[Ladder] = [
    TEXTS,
    [
        ({"const": 1}, [1]),
        ({"enum": [1, 2]}, [1, 2]),
        (_integer(exclusiveMinimum=0, maximum=3), [1, 3]),
        (_integer(minimum=1, exclusiveMaximum=5), [1, 4]),
        (_integer(minimum=0), [0, 9]),
        (_integer(), [-9, 9]),
        (_number(), [-0.5, 9]),
        ({}, [None, True, "a", [1], {"a": 1}]),
    ],
    [
        (_number(exclusiveMinimum=1), [1.5]),
        (_number(minimum=1), [1]),
        (_number(exclusiveMinimum=0), [0.5]),
    ],
    [(_number(exclusiveMaximum=1), [0.5]), (_number(maximum=1), [1])],
    [
        ({"const": 20}, [20]),
        (_integer(multipleOf=10), [10, 30]),
        (_integer(multipleOf=5), [5, 15]),
        (_integer(), [1]),
    ],
    [({"enum": ["a"]}, ["a"]), (_text(pattern="^a*$"), ["", "aa"])],
    [
        (NULL, [None]),
        ({"enum": ["a", None]}, ["a", None]),
        ({"enum": [1, "a", None, "b"]}, [1, "a", None, "b"]),
    ],
    [(NULL, [None]), ({"anyOf": [_text(), NULL]}, ["", None])],
    [({"type": "boolean"}, [True, False]), ({}, [1])],
    [
        ({"type": "array", "items": _integer(), "minItems": 1, "maxItems": 1}, [[1]]),
        ({"type": "array", "items": _integer(), "maxItems": 2}, [[], [1, 2]]),
        ({"type": "array", "items": _integer()}, [[1, 1, 1]]),
        ({"type": "array"}, [["a"]]),
    ],
    [
        ({"type": "array", "uniqueItems": True}, [[1, 2]]),
        ({"type": "array"}, [[1, 1]]),
    ],
    [
        ({"type": "array", "minItems": 0, "maxItems": 0}, [[]]),
        ({"type": "array", "prefixItems": [_text()]}, [["a"]]),
    ],
    [
        ({"type": "array", "prefixItems": [_integer()], "minItems": 1}, [[1]]),
        ({"type": "array", "items": _integer(), "maxItems": 1}, [[], [2]]),
    ],
    [
        (
            {"type": "object", "properties": {"a": _integer()}, "required": ["a"]},
            [{"a": 1}],
        ),
        (
            {
                "type": "object",
                "propertyNames": _text(minLength=1, maxLength=1),
                "additionalProperties": _integer(),
                "minProperties": 1,
                "maxProperties": 1,
            },
            [{"b": 1}],
        ),
        (
            {"type": "object", "additionalProperties": _integer(), "maxProperties": 1},
            [{}, {"abc": 1}],
        ),
        ({"type": "object", "additionalProperties": _integer()}, [{"abc": 1, "b": 2}]),
        ({"type": "object"}, [{"a": "b"}]),
    ],
]


def leaves(ladders: list[Ladder], *, is_looser: bool) -> list[Pair]:
    """Return pairs of schemas; the reader takes all that is written if it is looser."""
    rungs = [rung for ladder in ladders for rung in ladder]
    pairs = [(each, each) for each in rungs]
    for ladder in ladders:
        pairs += itertools.combinations(ladder, 2)
    if not is_looser:
        pairs += itertools.product(rungs, rungs)
    return [Pair(strict[0], loose[0], st.sampled_from(strict[1])) for strict, loose in pairs]


def pairs(*, is_looser: bool) -> Pairs:
    """Return any pairs of schemas, or those whose reader takes all that is written."""
    names = st.sampled_from(leaves([TEXTS], is_looser=is_looser))
    parts = st.sampled_from(leaves(LADDERS, is_looser=is_looser))
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
            st.builds(_mapping_for_object, parts, st.booleans()),
            st.builds(_object_for_mapping, objects, parts),
        ]
        return st.one_of(looser if is_looser else looser + others)

    return st.recursive(parts, extend, max_leaves=6)


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


def _mapping_for_object(part: Pair, is_open: bool) -> Pair:
    return Pair(
        {"type": "object", "additionalProperties": part.writer},
        {"type": "object", "properties": {"a": part.reader}, "additionalProperties": is_open},
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


def test_of_simple_schemas_the_reader_takes_what_may_be_written() -> None:
    for ladder, other in itertools.product(LADDERS, LADDERS):
        for (writer, values), (reader, _) in itertools.product(ladder, other):
            if not faults(Pair(writer, reader, st.nothing())):
                assert [each for each in values if not is_valid(each, reader)] == []


def test_simple_schemas_that_are_looser_are_compatible() -> None:
    for pair in leaves(LADDERS, is_looser=True):
        assert faults(pair) == []


@settings(max_examples=300)
@given(pairs(is_looser=False), st.data())
def test_the_reader_takes_what_the_writer_may_write(pair: Pair, data: st.DataObject) -> None:
    if not faults(pair):
        assert is_valid(data.draw(pair.values), pair.reader)


@given(pairs(is_looser=True))
def test_whatever_is_looser_is_compatible(pair: Pair) -> None:
    assert faults(pair) == []


def is_valid(value: object, schema: Schema) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))
