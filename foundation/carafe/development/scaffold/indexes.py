"""The indexes that an aggregate's queries and unique attributes need."""

from dataclasses import dataclass

from carafe.development.discovery.model import Aggregate, Attribute


@dataclass(frozen=True)
class DeclaredIndex:
    """An index that a query or a unique attribute needs."""

    fields: tuple[str, ...]
    unique: bool = False


def indexes_of(aggregate: Aggregate) -> tuple[DeclaredIndex, ...]:
    """Return an index for each unique attribute, and for each page with and without filters."""
    unique = [each.name for each in aggregate.attributes if each.unique]
    indexes = [DeclaredIndex((name,), unique=True) for name in unique]
    for query in aggregate.queries:
        order = tuple(query.order)
        last = "-id" if order and order[-1].startswith("-") else "id"
        filters = tuple(each.name for each in query.filters)
        for prefix in _prefixes(filters, aggregate.owner):
            fields = (*prefix, *(each for each in order if each.lstrip("-") not in prefix), last)
            if query.is_page and len(fields) > 1:
                indexes.append(DeclaredIndex(fields))
    return tuple(dict.fromkeys(indexes))


def _prefixes(filters: tuple[str, ...], owner: Attribute | None) -> list[tuple[str, ...]]:
    """Return what the indexes of a page begin with: what its queries say is equal.

    Callers are shown their own only, which are few: one index finds them for all filters.
    Operators are shown all.
    """
    prefixes = [(), *((each,) for each in filters), filters]
    if owner is None:
        return prefixes
    return [(owner.name,), *(each for each in prefixes if owner.name not in each)]
