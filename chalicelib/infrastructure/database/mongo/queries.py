"""Criteria and sort orders as MongoDB's queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING

from chalicelib.domain.model import AggregateRoot
from chalicelib.infrastructure.database.criteria import Criterion, Operator, Sorting, form_of
from chalicelib.infrastructure.database.forms import Many, Maybe

from .codec import Document, encode_value

_OPERATORS = {
    Operator.EQUALS: "$eq",
    Operator.ONE_OF: "$in",
    Operator.AT_LEAST: "$gte",
    Operator.BELOW: "$lt",
}


def query_of(
    aggregate: type[AggregateRoot], criteria: Sequence[Criterion], sorting: Sorting
) -> Document:
    """Return the query for living aggregates that meet all criteria."""
    conditions = [_condition(aggregate, each) for each in criteria]
    # Every living aggregate has what it is sorted by. Saying so lets an index be used that
    # leaves tombstones out.
    there = {stored_name(sorting.fields[0]): {"$exists": True}}
    return {"$and": [*conditions, there, {"deleted_at": None}]}


def sort_of(sorting: Sorting) -> list[tuple[str, int]]:
    """Return the sort specification of an order."""
    direction = DESCENDING if sorting.descending else ASCENDING
    return [(stored_name(each), direction) for each in sorting.fields]


def behind(sorting: Sorting, values: Sequence[object]) -> Document:
    """Return the condition for what comes behind a position."""
    beyond = "$lt" if sorting.descending else "$gt"
    names = [stored_name(each) for each in sorting.fields]
    ways: list[Document] = []
    for position, name in enumerate(names):
        equal = dict(zip(names[:position], values[:position], strict=True))
        ways.append({**equal, name: {beyond: values[position]}})
    # The first condition says nothing new, but bounds the scan of the index.
    return {names[0]: {f"{beyond}e": values[0]}, "$or": ways}


def position_of(sorting: Sorting, document: Document) -> list[Any]:
    """Return the values by which a document has its place in an order."""
    return [_value_at(document, stored_name(each)) for each in sorting.fields]


def sorted_by(sorting: Sorting, projection: Mapping[str, int]) -> Document:
    """Return what a projection needs to hold the place of each document as well."""
    if not any(projection.values()):
        return {}  # it leaves things out, and these stay
    return {stored_name(each): 1 for each in sorting.fields}


def _condition(aggregate: type[AggregateRoot], criterion: Criterion) -> Document:
    form = form_of(aggregate, criterion.field)
    if isinstance(form, Maybe) and isinstance(form.inner, Many):
        form = Maybe(form.inner.item)
    if isinstance(form, Many):
        form = form.item
    if criterion.operator is Operator.ONE_OF:
        if not isinstance(criterion.value, tuple):
            raise TypeError(f"{criterion.field}: one_of takes several values")
        value: object = [encode_value(form, each) for each in criterion.value]
    else:
        value = encode_value(form, criterion.value)
    return {stored_name(criterion.field): {_OPERATORS[criterion.operator]: value}}


def stored_name(path: str) -> str:
    """Return the name under which an attribute is stored."""
    return "_id" if path == "id" else path


def _value_at(document: Document, path: str) -> Any:  # noqa: ANN401 - any stored value
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value
