"""Keyset pages: each page begins behind the last item of the one before.

Unlike skipping, a page costs the same wherever it lies, and items that come or go
meanwhile neither repeat nor hide others.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import bson
from bson.errors import BSONError
from pymongo.collection import Collection

from chalicelib.domain.errors import InvalidValue

from .codec import Document
from .faults import store_faults

Order = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Page:
    """Some documents.

    Attributes:
        documents: in order.
        next_cursor: where the next page begins; None on the last one.
    """

    documents: list[Document]
    next_cursor: str | None


def page_of(
    collection: Collection[Document],
    query: Document,
    order: Order,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of a query's documents, without their bookkeeping.

    Args:
        collection: where to look.
        query: which documents.
        order: fields and directions, all in one direction; together they are unique.
        limit: at most so many documents.
        cursor: `next_cursor` of the page before.

    Raises:
        InvalidValue: the cursor is none of ours.
    """
    behind = [] if cursor is None else [_behind(order, _values(cursor, len(order)))]
    with store_faults():
        documents = list(
            collection.find(
                {"$and": [query, *behind]},
                {"pending": 0, "handled": 0},
                sort=order,
                limit=limit + 1,
            )
        )
    if len(documents) <= limit:
        return Page(documents, None)
    last = documents[limit - 1]
    return Page(documents[:limit], _cursor([last[field] for field, _ in order]))


def _behind(order: Order, values: Sequence[object]) -> Document:
    """Match what comes behind a position, in at most two fields."""
    operator = "$gt" if order[0][1] > 0 else "$lt"
    (first, _), *rest = order
    if not rest:
        return {first: {operator: values[0]}}
    # The first condition bounds the scan of the index; the second settles equal values.
    return {
        first: {f"{operator}e": values[0]},
        "$or": [{first: {operator: values[0]}}, {rest[0][0]: {operator: values[1]}}],
    }


def _cursor(values: list[object]) -> str:
    return base64.urlsafe_b64encode(bson.encode({"behind": values})).decode().rstrip("=")


def _values(cursor: str, count: int) -> list[object]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = bson.decode(base64.urlsafe_b64decode(padded))["behind"]
    except (ValueError, KeyError, BSONError):
        raise InvalidValue("cursor", "is not one that this service gave") from None
    if not isinstance(values, list) or len(values) != count or _has_operators(values):
        raise InvalidValue("cursor", "is not one that this service gave")
    return values


def _has_operators(values: list[object]) -> bool:
    """Tell whether a forged cursor tries to smuggle a query in."""
    return any(isinstance(value, (dict, list)) for value in values)
