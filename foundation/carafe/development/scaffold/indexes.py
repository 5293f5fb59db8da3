"""The indexes that an aggregate's queries and unique attributes need."""

from dataclasses import dataclass

from carafe.development.discovery.model import Aggregate, Attribute, Query


@dataclass(frozen=True)
class DeclaredIndex:
    """An index that a query, or what is unique, needs."""

    fields: tuple[str, ...]
    unique: bool = False
    only_where: tuple[tuple[str, tuple[str | bool, ...]], ...] = ()

    @property
    def code(self) -> str:
        """The declaration, as code."""
        options = ", unique=True" if self.unique else ""
        if self.only_where:
            # One value is told as itself: several leave a choice.
            conditions = tuple(
                (name, values if len(values) > 1 else values[0]) for name, values in self.only_where
            )
            options += f", only_where={conditions!r}"
        return f"Index({self.fields!r}{options})"


def indexes_of(aggregate: Aggregate) -> tuple[DeclaredIndex, ...]:
    """Return an index for all that is unique, and for each page with and without filters."""
    unique = [each.name for each in aggregate.attributes if each.unique]
    indexes = [DeclaredIndex((name,), unique=True) for name in unique]
    indexes += [
        DeclaredIndex(each.attributes, unique=True, only_where=each.only_where)
        for each in aggregate.unique
    ]
    for query in aggregate.queries:
        order = tuple(query.order)
        last = "-id" if order and order[-1].startswith("-") else "id"
        for prefix in _prefixes(query, aggregate.owner):
            fields = (*prefix, *(each for each in order if each.lstrip("-") not in prefix), last)
            if query.is_page and len(fields) > 1:
                indexes.append(DeclaredIndex(fields))
    return tuple(dict.fromkeys(indexes))


def _prefixes(query: Query, owner: Attribute | None) -> list[tuple[str, ...]]:
    """Return what the indexes of a page begin with: what its queries say is equal.

    Callers are shown their own only, which are few: one index finds them for all filters.
    Operators are shown all. Of several values, an index has one attribute at most. A range is
    found by the order, or before what is found is sorted. An index has each attribute once, also
    where a caller may ask for one value of it as well as for a range.
    """
    filters = tuple(each.name for each in query.filters)
    members = [(each.name,) for each in query.members]
    sorted_by = query.order[0].lstrip("-") if query.order else ""
    ranges = [each.name for each in query.ranges if each.name != sorted_by]
    ways = [(each,) for each in ranges] + [
        (*filters, each) for each in ranges if filters and each not in filters
    ]
    prefixes = [(), *((each,) for each in filters), filters, *members, *ways]
    if owner is None:
        return prefixes
    return [(owner.name,), *(each for each in prefixes if owner.name not in each)]
