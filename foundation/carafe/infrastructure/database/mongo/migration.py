"""Old documents into the present form, beside live writers, in batches that can be resumed."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from pymongo import ASCENDING, UpdateOne

from carafe.infrastructure.database.codec import Document

from .faults import store_faults
from .mongo_reader import WITHOUT_BOOKKEEPING
from .mongo_repository import MongoRepository

BATCH = 500


class Migrated(Struct, frozen=True):
    """What a batch did.

    Attributes:
        seen: documents of an earlier form that were found.
        done: how many of them are of the present form now; a writer was faster with the others.
        last_id: of the last one; the next batch goes on behind it.
    """

    seen: int
    done: int
    last_id: str


def outdated(repository: MongoRepository[Any]) -> int:
    """Return how many documents are of an earlier form."""
    with store_faults():
        return repository.collection.count_documents(_outdated(repository))


def migrate(repository: MongoRepository[Any], batch: int = BATCH) -> Iterator[Migrated]:
    """Bring every document into the present form, a batch at each step.

    It can be stopped after any batch and begun again: what is done is not found any more. A
    writer that is faster with a document has brought it into the present form itself.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    last_id = ""
    while documents := _next(repository, last_id, batch):
        last_id = documents[-1]["_id"]
        updates = [
            UpdateOne(
                {name: each[name] for name in ("_id", "version", "schema_version")},
                repository.documents.migration(each),
            )
            for each in documents
        ]
        with store_faults():
            result = repository.collection.bulk_write(updates, ordered=False)
        yield Migrated(len(documents), result.modified_count, last_id)


def _next(repository: MongoRepository[Any], last_id: str, batch: int) -> list[Document]:
    query = _outdated(repository) | {"_id": {"$gt": last_id}}
    with store_faults():
        return repository.collection.find(
            query, WITHOUT_BOOKKEEPING, sort=[("_id", ASCENDING)], limit=batch
        ).to_list()


def _outdated(repository: MongoRepository[Any]) -> Document:
    return {"schema_version": {"$lt": repository.documents.version}, "deleted_at": None}
