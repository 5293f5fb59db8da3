"""Criteria and sortings over documents in memory, compared as MongoDB compares."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.decimal128 import Decimal128

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.criteria import Criterion, Operator, Sorting
from carafe.infrastructure.database.stored import position_of, stored_name, stored_value_of

Comparable = tuple[Any, ...]
Condition = tuple[str, Operator, Any]

_BSON: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)

# Values compare only within their bracket; true is not 1, and nothing is not below anything.
_TESTS: dict[Operator, Callable[[Comparable, Comparable], bool]] = {
    Operator.EQUALS: lambda value, expected: value == expected,
    Operator.ONE_OF: lambda value, expected: value in expected[1],
    Operator.AT_LEAST: lambda value, expected: value[0] == expected[0] and value >= expected,
    Operator.BELOW: lambda value, expected: value[0] == expected[0] and value < expected,
}


def through_bson(document: Document) -> Document:
    """Return a copy, as a server would give it back."""
    return bson.decode(bson.encode(document, codec_options=_BSON), codec_options=_BSON)


def condition_of(aggregate: type[AggregateRoot], criterion: Criterion) -> Condition:
    """Return a criterion in terms of stored values.

    Raises:
        ValueError: the aggregate has no such attribute.
    """
    value = through_bson({"value": stored_value_of(aggregate, criterion)})["value"]
    return stored_name(criterion.field), criterion.operator, value


def meets(document: Document, conditions: Sequence[Condition]) -> bool:
    """Return whether a document meets all conditions."""
    return all(
        any(
            _TESTS[operator](comparable(each), comparable(value))
            for each in values_at(document, path) or [None]
        )
        for path, operator, value in conditions
    )


def is_behind(last: Comparable, document: Document, sorting: Sorting) -> bool:
    """Return whether a document comes behind a position in an order."""
    place = comparable(position_of(sorting, document))
    return place < last if sorting.descending else place > last


def comparable(stored: Any) -> Comparable:  # noqa: ANN401, PLR0911 - one answer a type
    """Return a stored value with its bracket in front, in BSON's order of types."""
    match stored:
        case None:
            return (0,)
        case bool():
            return (6, stored)
        case Decimal128():
            return (1, stored.to_decimal())
        case int() | float():
            return (1, stored)
        case str():
            return (2, stored)
        case dict():
            return (3, tuple((comparable(value), name) for name, value in stored.items()))
        case list():
            return (4, tuple(comparable(each) for each in stored))
        case bytes() | UUID():
            raw = stored if isinstance(stored, bytes) else stored.bytes
            return (5, len(raw), raw)
        case datetime():
            return (7, stored)
    raise TypeError(f"{type(stored)} has no place in an order")


def values_at(document: Document, path: str) -> list[Any]:
    """Return the values that a path leads to: several through a repeated attribute."""
    values: list[Any] = [document]
    for name in path.split("."):
        inner = [each[name] for each in values if isinstance(each, dict) and name in each]
        values = [item for each in inner for item in (each if isinstance(each, list) else [each])]
    return values
