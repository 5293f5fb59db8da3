"""Criteria and sortings as MongoDB's queries."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, DESCENDING

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.criteria import Criterion, Operator, Sorting
from carafe.infrastructure.database.stored import stored_name, stored_value_of

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
    has_a_place = {stored_name(sorting.fields[0]): {"$exists": True}}
    return {"$and": [*conditions, has_a_place, {"deleted_at": None}]}


def has_further_places(sorting: Sorting) -> list[Document]:
    """Return the conditions that leave out old documents without the further sort attributes."""
    return [{stored_name(each): {"$exists": True}} for each in sorting.fields[1:] if each != "id"]


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


def sorted_by(sorting: Sorting, projection: Mapping[str, int]) -> Document:
    """Return what a projection needs to hold the place of each document as well."""
    if not any(projection.values()):
        return {}  # it leaves things out, and these stay
    names = [stored_name(each) for each in sorting.fields]
    return {name: 1 for name in names if not _is_inside(name, projection)}


def _is_inside(name: str, projection: Mapping[str, int]) -> bool:
    """Return whether a name lies in something projected whole; MongoDB refuses to hear both."""
    return any(name.startswith(f"{each}.") for each in projection)


def _condition(aggregate: type[AggregateRoot], criterion: Criterion) -> Document:
    condition = {_OPERATORS[criterion.operator]: stored_value_of(aggregate, criterion)}
    return {stored_name(criterion.field): condition}
