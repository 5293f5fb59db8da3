"""The pending events and commands of one collection's documents."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from pymongo import ASCENDING
from pymongo.collection import Collection

from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.outbox import EVENTS, TO_ITSELF, TO_OTHERS
from carafe.infrastructure.outbox.store import PendingDocument

from .faults import store_faults
from .outbox_removal import OutboxRemoval, misfits_noted

# Events of one document that are loaded at once; what is beyond waits for the next round.
EVENTS_A_ROUND = 100

# Events of all documents together that a sweep loads at once: some 50 MB as Python has them. Those
# of further documents wait for its next batch.
MOST_EVENTS_SWEPT = 5_000

# Documents whose entries are counted, so that a long queue does not exceed a command's time.
MOST_COUNTED = 10_000

COMMANDS = (TO_OTHERS, TO_ITSELF)

# Where `pending_since` has this value, a person must help; the index finds them all the same.
PARKED_SINCE = datetime(9999, 1, 1, tzinfo=UTC)

_PROJECTION = {"_id": 1, "pending_since": 1, "pending": {"$slice": EVENTS_A_ROUND + 1}}


class WaitingEntries(Struct, frozen=True):
    """How many entries wait.

    Attributes:
        events: of them.
        commands: of them, wherever they go.
        unknown: those of kinds that only newer code knows; each holds back what is behind it in
            its document.
    """

    events: int
    commands: int
    unknown: int


class MongoOutboxStore:
    """Fills the port `OutboxStore`.

    Args:
        collection: of the aggregates.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection
        self._removal = OutboxRemoval(collection)

    def pending(self, identifiers: Sequence[str]) -> list[PendingDocument]:
        """Return the documents with pending events, as `OutboxStore.pending`."""
        # Whatever has a mark (model: step read).
        documents = self._find(
            {"_id": {"$in": list(identifiers)}, "pending_since": {"$lt": PARKED_SINCE}},
            len(identifiers),
        )
        return self._without_drained(documents)

    def overdue(
        self, older_than_seconds: float, limit: int, after: PendingDocument | None
    ) -> list[PendingDocument]:
        """Return documents whose events wait for long, as `OutboxStore.overdue`."""
        grace = timedelta(seconds=older_than_seconds)
        at = now()
        # Who committed may have had another clock: what seems to lie in the future waits no
        # longer than what lies in the past. Two ranges, since not every server uses an index
        # for `$not`.
        ranges = [{"$lt": at - grace}, {"$gt": at + grace, "$lt": PARKED_SINCE}]
        # The oldest first (model: step read).
        while batch := self._find({"$or": _behind(after, ranges)}, limit, MOST_EVENTS_SWEPT):
            if documents := self._without_drained(batch):
                return documents
            after = batch[-1]
        return []

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
        with store_faults(), misfits_noted():
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

    def waiting_entries(self) -> WaitingEntries:
        """Return how many entries wait, in at most MOST_COUNTED documents."""
        stages: list[Document] = [
            {"$match": {"pending_since": {"$lt": PARKED_SINCE}}},
            {"$limit": MOST_COUNTED},
            {"$unwind": "$pending"},
            {"$group": {"_id": {"$ifNull": ["$pending.to", EVENTS]}, "count": {"$sum": 1}}},
        ]
        with store_faults():
            counts = {each["_id"]: each["count"] for each in self._collection.aggregate(stages)}
        events, commands = counts.pop(EVENTS, 0), sum(counts.pop(each, 0) for each in COMMANDS)
        return WaitingEntries(events, commands, unknown=sum(counts.values()))

    def remove(self, event_ids: Mapping[str, Sequence[str]]) -> None:
        """Take events out of their documents, as `OutboxStore.remove`."""
        self._removal(event_ids)

    def _without_drained(self, documents: list[PendingDocument]) -> list[PendingDocument]:
        """Leave out the documents without events, and take their mark away.

        Such a one is left when two relays remove the last events of a document at once.
        """
        drained: dict[str, list[str]] = {each.id: [] for each in documents if not each.events}
        if drained:
            self.remove(drained)
        return [each for each in documents if each.events]

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


def _behind(after: PendingDocument | None, ranges: Sequence[Document]) -> list[Document]:
    """Return the alternatives of a query for what waits since any of some ranges of time.

    Args:
        after: the last document of the previous batch; what follows it is asked for.
        ranges: conditions of `pending_since`.
    """
    if after is None:
        return [{"pending_since": each} for each in ranges]
    since = after.pending_since
    return [
        {"pending_since": since, "_id": {"$gt": after.id}},
        *(
            {"$and": [{"pending_since": {"$gt": since}}, {"pending_since": each}]}
            for each in ranges
        ),
    ]
