"""How confirmed events leave their documents.

Each write is atomic and has its condition in its own filter. So whatever commits, deletions and
other relays do in between, no event is lost, and none is without `pending_since`, by which the
sweep finds it. Every operator is one that MongoDB and Amazon DocumentDB both have (decision 0028).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, ConnectionFailure, WriteError

from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.identifiers import now

from .faults import ids_of_invalid, store_faults

log = logging.getLogger(__name__)

# A drained tombstone stays so long, that a late repeat of its commands is still recognised.
TOMBSTONE_SECONDS = 7 * 24 * 3600

_ALIVE: Document = {"deleted_at": None}
_DELETED: Document = {"deleted_at": {"$exists": True}}
_DRAINED: Document = {"$set": {"pending": []}, "$unset": {"pending_since": ""}}


class OutboxRemoval:
    """Removes events from the documents of one collection.

    Args:
        collection: of the aggregates.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection

    def __call__(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        """Remove events, as `OutboxStore.remove`; once more if the connection breaks.

        Drivers do not repeat an update of many documents. It does no harm: what has been removed
        is ignored.
        """
        with store_faults():
            try:
                self._remove(event_ids)
            except ConnectionFailure as error:
                if error.timeout:
                    raise
                self._remove(event_ids)

    def _remove(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        """Drain nearly all documents by one command, and see to those that are left one by one.

        These are tombstones, documents with further events, and invalid ones.
        """
        if self._drained(event_ids) == len(event_ids):
            return
        # By this process's clock, which may be wrong by minutes; compared with seven days, they
        # do not matter.
        expiring = {"expires_at": now() + timedelta(seconds=TOMBSTONE_SECONDS)}
        updates = []
        for each in self._marked(list(event_ids)):
            ids = list(event_ids[each])
            only_these = {"_id": each} | _nothing_but(ids)
            updates += [
                # Only if nothing else is pending (model: step drain).
                UpdateOne(only_these | _ALIVE, _DRAINED),
                UpdateOne(only_these | _DELETED, _DRAINED | {"$set": _DRAINED["$set"] | expiring}),
                # By id; the mark and the version stay (model: step pull).
                UpdateOne({"_id": each}, {"$pull": {"pending": {"id": {"$in": ids}}}}),
            ]
        self._write(updates)

    def _drained(self, event_ids: Mapping[str, Sequence[str]]) -> int:
        """Drain the living documents that have no other events, and return how many these are.

        The ids of events are unique, so one condition serves all documents.
        """
        every_id = [each for ids in event_ids.values() for each in ids]
        documents = {"_id": {"$in": list(event_ids)}} | _ALIVE | _nothing_but(every_id)
        try:
            return self._collection.update_many(documents, _DRAINED).matched_count
        except WriteError as error:
            if ids_of_invalid(error) is None:
                raise
            return 0  # it ended at an invalid document

    def _marked(self, identifiers: list[str]) -> list[str]:
        marked = {"_id": {"$in": identifiers}, "pending_since": {"$exists": True}}
        return [each["_id"] for each in self._collection.find(marked, {"_id": 1})]

    def _write(self, updates: list[UpdateOne]) -> None:
        if updates:
            with misfits_noted():
                self._collection.bulk_write(updates, ordered=False)


def _nothing_but(event_ids: list[str]) -> Document:
    """Return the condition that a document has no other pending events than these.

    What was appended meanwhile makes it fail; what another relay has removed meanwhile does not.
    """
    return {"pending": {"$not": {"$elemMatch": {"id": {"$nin": event_ids}}}}}


@contextmanager
def misfits_noted() -> Iterator[None]:
    """Note the documents that the collection's validator refuses, and let the others go on.

    Such a one fits no rule any more, whatever is changed of it. Its events are published again
    by each sweep, until somebody mends it.
    """
    try:
        yield
    except WriteError as error:
        if ids_of_invalid(error) is None:
            raise
        log.error("a document is invalid, and keeps its events")  # noqa: TRY400 - it quotes them
    except BulkWriteError as error:
        ids = ids_of_invalid(error)
        if ids is None:
            raise
        log.error("documents are invalid, and keep their events", extra={"ids": ids})  # noqa: TRY400 - it quotes them
