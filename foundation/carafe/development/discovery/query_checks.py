"""Checks that queries can be narrowed and sorted as they say."""

from collections import Counter
from collections.abc import Iterator, Mapping

from .locations import located_aggregates
from .model import Aggregate, Model, Query
from .source import Location
from .suggestions import did_you_mean
from .types import Type

NO_FILTERS = {"money", "address", "moment"}
"""Types with parts, and one that hardly ever is the same twice."""

RANGES = ("integer", "moment", "date", "time")

PARTS: Mapping[str, tuple[str, ...]] = {
    "address": ("recipient", "street", "city", "postal_code", "country"),
    "money": ("amount", "currency"),
}
"""What values of the foundation consist of."""

LocatedMessages = Iterator[tuple[Location, str]]


def query_faults(model: Model) -> LocatedMessages:
    """Yield queries with filters or an order that they cannot have."""
    for aggregate, location in located_aggregates(model):
        for query in aggregate.queries:
            for part, message in _query_faults(query, aggregate, model):
                yield (*location, "queries", query.name, *part), message


def _query_faults(query: Query, aggregate: Aggregate, model: Model) -> LocatedMessages:
    for name in (each.lstrip("-") for each in query.order):
        if not _is_sortable(name, aggregate, model):
            message = f"{name} is not a single attribute that is always there"
            near = did_you_mean(name, (each.name for each in aggregate.attributes))
            yield ("order",), message + near
    yield from _filter_faults(query, model)
    if not query.is_page and (query.has_filters or query.order):
        yield (), f"{query.name} returns one aggregate: remove its filters and its order"
    if len({each.startswith("-") for each in query.order}) > 1:
        yield ("order",), "an order has one direction: put `-` before each name, or before none"


def _filter_faults(query: Query, model: Model) -> LocatedMessages:
    composite = {*NO_FILTERS, *model.values}
    for each in (*query.filters, *query.members):
        if each.type.name == "moment":
            yield ("filters",), f"{each.name} is a moment: write `{{{each.name}: range}}`"
        elif each.type.name in composite:
            yield ("filters",), f"{each.name} consists of several values"
    for each in query.ranges:
        if each.type.many or each.type.name not in RANGES:
            message = f"{each.name} has no range: only a single {', '.join(RANGES)} has one"
            yield ("filters",), message
    for name, count in Counter(filter_fields(query)).items():
        if count > 1:
            yield ("filters",), f"{name} stands for two filters: remove one"


def filter_fields(query: Query) -> list[str]:
    """Return the names that callers narrow a query by."""
    ranges = [f"{each.name}_{end}" for each in query.ranges for end in ("from", "before")]
    return [*(each.name for each in (*query.filters, *query.members)), *ranges]


def _is_sortable(path: str, aggregate: Aggregate, model: Model) -> bool:
    """Return whether a path leads to a single value that is always there."""
    types = {each.name: each.type for each in aggregate.attributes}
    *way, last = path.split(".")
    for name in way:
        kind = types.get(name)
        if kind is None or kind.many or kind.optional:
            return False
        types = _parts_of(kind, model)
    return last in types and types[last].is_scalar


def _parts_of(kind: Type, model: Model) -> dict[str, Type]:
    if kind.name in model.values:
        return {each.name: each.type for each in model.values[kind.name].attributes}
    return {name: Type("text", 1, 1) for name in PARTS.get(kind.name, ())}
