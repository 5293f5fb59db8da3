"""Old documents into the form that is written, beside live writers, in resumable batches."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from msgspec import Struct
from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.errors import DocumentUnreadable

from .faults import ids_of_invalid, store_faults
from .mongo_reader import WITHOUT_BOOKKEEPING
from .mongo_repository import MongoRepository

log = logging.getLogger(__name__)

BATCH = 2_000
COUNTED_AT_ONCE = 10_000


class Migrated(Struct, frozen=True):
    """What became of a batch of documents.

    Attributes:
        found: how many of them were of an earlier form.
        done: how many of those are of the present form now; a writer was faster with the others,
            or they are damaged.
    """

    found: int
    done: int


def outdated(repository: MongoRepository[Any]) -> int:
    """Return how many documents are of an earlier form.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    return sum(earlier_versions(repository).values())


def earlier_versions(
    repository: MongoRepository[Any], batch: int = COUNTED_AT_ONCE
) -> Counter[int]:
    """Return how many documents there are of each earlier version of the form.

    No index tells versions apart, so every document is looked at; in ranges, each of which is
    read within the time that one operation has. A form that has only had one version costs nothing.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    versions: Counter[int] = Counter()
    if repository.documents.written == 1:
        return versions
    for ids in _ranges(repository.collection, batch):
        pipeline = [
            {"$match": _outdated(repository) | {"_id": ids}},
            {"$group": {"_id": "$schema_version", "count": {"$sum": 1}}},
        ]
        with store_faults():
            for each in repository.collection.aggregate(pipeline):
                versions[each["_id"]] += each["count"]
    return versions


def _ranges(collection: Collection[Document], size: int) -> Iterator[Document]:
    """Yield conditions on the id that meet so many documents each, and all documents together."""
    last_id = ""
    while True:
        with store_faults():
            # It reads the index alone.
            end = collection.find_one(
                {"_id": {"$gt": last_id}}, {"_id": 1}, sort=[("_id", ASCENDING)], skip=size - 1
            )
        if end is None:
            yield {"$gt": last_id}
            return
        yield {"$gt": last_id, "$lte": end["_id"]}
        last_id = end["_id"]


def migrate(repository: MongoRepository[Any], batch: int = BATCH) -> Iterator[Migrated]:
    """Bring every document into the present form, and yield after each batch of documents.

    It can be stopped after any batch and begun again: what is done is not found any more. A
    writer that is faster with a document has brought it into the present form itself. A document
    that is damaged, or would be invalid, is logged and left as it is.

    Args:
        repository: whose documents they are. A form that has only had one version costs nothing.
        batch: so many documents are looked at, of whatever form they are: no query looks at more.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    if repository.documents.written == 1:
        return
    for ids in _ranges(repository.collection, batch):
        query = _outdated(repository) | {"_id": ids}
        with store_faults():
            documents = repository.collection.find(query, WITHOUT_BOOKKEEPING).to_list()
        yield Migrated(len(documents), _update(repository, documents))


def _update(repository: MongoRepository[Any], documents: list[Document]) -> int:
    """Bring some documents into the present form; return how many were."""
    updates = list(_updates(repository, documents))
    if not updates:
        return 0
    with store_faults():
        try:
            return repository.collection.bulk_write(updates, ordered=False).modified_count
        except BulkWriteError as error:
            ids = ids_of_invalid(error)
            if ids is None:
                raise
            log.error("documents are invalid in the present form", extra={"ids": ids})  # noqa: TRY400 - it quotes them
            modified: int = error.details["nModified"]
            return modified


def _updates(repository: MongoRepository[Any], documents: list[Document]) -> Iterator[UpdateOne]:
    """Yield the update of each document; a damaged one is logged and stays as it is."""
    for each in documents:
        unchanged = {name: each.get(name) for name in ("_id", "version", "schema_version")}
        with suppress(DocumentUnreadable):
            yield UpdateOne(unchanged, repository.documents.migration(each))


def _outdated(repository: MongoRepository[Any]) -> Document:
    return {"schema_version": {"$lt": repository.documents.written}, "deleted_at": None}
