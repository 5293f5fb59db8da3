"""Aggregations for read models, put together from attributes that exist.

Pipeline(Storm)
    .where(equals("region", "north-sea"))
    .group_by("status", storms=count())
    .order_by("-storms")
    .first(10)
"""

from collections.abc import Iterator
from typing import Any

from bson.errors import InvalidBSON
from msgspec import Struct
from msgspec.structs import replace
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.criteria import Criterion, Sorting, form_of
from carafe.infrastructure.database.stored import stored_name

from .documents import log_unreadable
from .faults import store_faults
from .queries import query_of


class Total(Struct, frozen=True):
    """What is worked out for a group.

    Attributes:
        operator: MongoDB's accumulator.
        field: over which attribute; None to count.
    """

    operator: str
    field: str | None = None


def count() -> Total:
    """Count the aggregates."""
    return Total("$sum")


def total_of(field: str) -> Total:
    """Add an attribute up."""
    return Total("$sum", field)


def lowest(field: str) -> Total:
    """Take the lowest value of an attribute."""
    return Total("$min", field)


def highest(field: str) -> Total:
    """Take the highest value of an attribute."""
    return Total("$max", field)


class Pipeline(Struct, frozen=True):
    """An aggregation over one collection; every step returns a new one.

    Attributes:
        aggregate: what is looked at.
        criteria: which of them.
        stages: what follows.
    """

    aggregate: type[AggregateRoot]
    criteria: tuple[Criterion, ...] = ()
    stages: tuple[Document, ...] = ()

    def where(self, *criteria: Criterion) -> "Pipeline":
        """Keep the aggregates that meet all criteria."""
        return replace(self, criteria=(*self.criteria, *criteria))

    def unwind(self, field: str) -> "Pipeline":
        """Look at each item of a repeated attribute by itself."""
        form_of(self.aggregate, field)
        return self._then({"$unwind": f"${field}"})

    def group_by(self, *fields: str, **totals: Total) -> "Pipeline":
        """Work totals out for each combination of values.

        Each row has the fields, dots turned into underscores, and the totals by their names.
        """
        names = {field.replace(".", "_"): self._reference(field) for field in fields}
        worked_out = {
            name: {total.operator: 1 if total.field is None else self._reference(total.field)}
            for name, total in totals.items()
        }
        flat = {name: f"$_id.{name}" for name in names} | dict.fromkeys(totals, 1)
        return self._then(
            {"$group": {"_id": names, **worked_out}}, {"$project": {"_id": 0, **flat}}
        )

    def order_by(self, *names: str) -> "Pipeline":
        """Sort the rows; `-` in front of a name that runs downwards."""
        directions = {
            each.lstrip("-"): DESCENDING if each.startswith("-") else ASCENDING for each in names
        }
        return self._then({"$sort": directions})

    def first(self, most: int) -> "Pipeline":
        """Keep so many rows."""
        return self._then({"$limit": most})

    def run(self, database: Database[Document]) -> Iterator[Document]:
        """Yield the rows.

        Raises:
            StoreUnavailable: the database did not answer in time.
            DocumentUnreadable: a row has a value that Python cannot hold; the log names the
                aggregate, since a row may come from many documents.
        """
        query = query_of(self.aggregate, self.criteria, Sorting.of(self.aggregate, ()))
        collection = database[collection_of(self.aggregate)]
        with store_faults():
            try:
                yield from collection.aggregate([{"$match": query}, *self.stages])
            except InvalidBSON as error:
                log_unreadable(self.aggregate.__name__, None, error)
                raise

    def _then(self, *stages: dict[str, Any]) -> "Pipeline":
        return replace(self, stages=(*self.stages, *stages))

    def _reference(self, field: str) -> str:
        form_of(self.aggregate, field)
        return f"${stored_name(field)}"
