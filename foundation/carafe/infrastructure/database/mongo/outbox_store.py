"""The pending events of one collection's documents."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, WriteError

from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.store import PendingDocument

from .faults import ids_of_invalid, store_faults

log = logging.getLogger(__name__)

# Events of one document that are loaded at once; what is beyond waits for the next round.
EVENTS_A_ROUND = 100

# Events of all documents together that a sweep loads at once: some 50 MB as Python has them. Those
# of further documents wait for its next batch.
MOST_EVENTS_SWEPT = 5_000

# A drained tombstone stays so long, that a late repeat of its commands is still recognised.
TOMBSTONE_SECONDS = 7 * 24 * 3600

# Where `pending_since` has this value, a person must help; the index finds them all the same.
PARKED_SINCE = datetime(9999, 1, 1, tzinfo=UTC)

_PROJECTION = {"_id": 1, "pending_since": 1, "pending": {"$slice": EVENTS_A_ROUND + 1}}


_EMPTY = {"$eq": ["$pending", []]}
_TOMBSTONE = {"$ne": [{"$type": "$deleted_at"}, "missing"]}
_LATER = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": TOMBSTONE_SECONDS}}
_SETTLE = {
    "$set": {
        "pending_since": {"$cond": [_EMPTY, "$$REMOVE", "$pending_since"]},
        "expires_at": {"$cond": [{"$and": [_EMPTY, _TOMBSTONE]}, _LATER, "$$REMOVE"]},
    }
}
"""What else changes with the last pending event."""


class MongoOutboxStore:
    """Fills the port `OutboxStore`.

    Args:
        collection: of the aggregates.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection

    def pending(self, identifiers: Sequence[str]) -> list[PendingDocument]:
        """Return the documents with pending events, as `OutboxStore.pending`."""
        return self._find(
            {"_id": {"$in": list(identifiers)}, "pending_since": {"$lt": PARKED_SINCE}},
            len(identifiers),
        )

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        """Return documents whose events wait for long, as `OutboxStore.overdue`."""
        grace = timedelta(seconds=older_than_seconds)
        # Who committed may have had another clock: what seems to lie in the future waits no
        # longer than what lies in the past.
        young = {"$gte": now() - grace, "$lte": now() + grace}
        since: dict[str, Any] = {"$lt": PARKED_SINCE, "$not": young}
        if after is None:
            return self._find({"pending_since": since}, limit, MOST_EVENTS_SWEPT)
        behind = [
            {"pending_since": after.pending_since, "_id": {"$gt": after.id}},
            {"pending_since": since | {"$gt": after.pending_since}},
        ]
        return self._find({"$or": behind}, limit, MOST_EVENTS_SWEPT)

    def oldest_pending_since(self) -> datetime | None:
        """Return since when the oldest event waits, as `OutboxStore.oldest_pending_since`."""
        with store_faults():
            oldest = self._collection.find_one(
                {"pending_since": {"$lt": PARKED_SINCE}},
                {"pending_since": 1},
                sort=[("pending_since", ASCENDING), ("_id", ASCENDING)],
            )
        return oldest["pending_since"] if oldest else None

    def park(self, identifier: str) -> None:
        """Set a document aside, as `OutboxStore.park`."""
        with store_faults(), _misfits_noted():
            self._collection.update_one(
                {"_id": identifier, "pending_since": {"$exists": True}},
                {"$set": {"pending_since": PARKED_SINCE}},
            )

    def parked(self) -> list[str]:
        """Return the ids of the documents that were set aside."""
        with store_faults():
            documents = self._collection.find(
                {"pending_since": PARKED_SINCE}, {"_id": 1}, sort=[("_id", ASCENDING)]
            )
            return [document["_id"] for document in documents]

    def take_up(self, identifier: str) -> None:
        """Bring a document back that was set aside."""
        with store_faults():
            self._collection.update_one(
                {"_id": identifier, "pending_since": PARKED_SINCE},
                {"$set": {"pending_since": now()}},
            )

    def waiting(self) -> int:
        """Return how many documents have events that wait, those set aside not counted."""
        with store_faults():
            return self._collection.count_documents({"pending_since": {"$lt": PARKED_SINCE}})

    def remove(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        """Take events out of their documents, as `OutboxStore.remove`."""
        removals = [
            UpdateOne({"_id": identifier}, _without(removed_ids))
            for identifier, removed_ids in event_ids.items()
        ]
        with store_faults(), _misfits_noted():
            self._collection.bulk_write(removals, ordered=False)

    def _find(
        self, query: Document, limit: int, most_events: float = math.inf
    ) -> list[PendingDocument]:
        order = [("pending_since", ASCENDING), ("_id", ASCENDING)]
        pending: list[PendingDocument] = []
        events = 0
        with (
            store_faults(),
            self._collection.find(query, _PROJECTION, sort=order, limit=limit) as documents,
        ):
            for document in documents:
                pending.append(self._pending_document(document))
                events += len(pending[-1].events)
                if events >= most_events:
                    break
        return pending

    def _pending_document(self, document: Document) -> PendingDocument:
        return PendingDocument(
            collection=self._collection.name,
            id=document["_id"],
            events=document["pending"][:EVENTS_A_ROUND],
            complete=len(document["pending"]) <= EVENTS_A_ROUND,
            pending_since=document["pending_since"],
        )


@contextmanager
def _misfits_noted() -> Iterator[None]:
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


def _without(event_ids: Sequence[str]) -> list[Document]:
    """Return the update that removes events by id.

    One atomic step on the server: whatever was appended meanwhile stays, and
    `pending_since` goes exactly when nothing is left.
    """
    condition = {"$not": {"$in": ["$$this.id", event_ids]}}
    remaining = {"$filter": {"input": "$pending", "cond": condition}}
    return [{"$set": {"pending": remaining}}, _SETTLE]
