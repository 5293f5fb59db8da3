"""The timers of one collection's documents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bson.errors import InvalidBSON
from pymongo import ASCENDING, UpdateOne
from pymongo.collection import Collection

from carafe.domain.timers import ActiveTimer
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.timers import missing_fields, timer_fields, timers_in
from carafe.infrastructure.timers.store import DueDocument, TimedDocument

from .damage import ids_of_damaged
from .documents import log_unreadable
from .faults import store_faults
from .outbox_removal import misfits_noted

# Older code leaves the timers behind when it deletes an aggregate; they do not call.
_ALIVE: Document = {"deleted_at": None}

_PARKED: Document = {"timers_parked_since": {"$exists": True}}

_TIMERS = {"version": 1, "timers": 1, "next_due": 1}
_ORDER = [("next_due", ASCENDING), ("_id", ASCENDING)]
_ORDER_OF_PARKED = [("timers_parked_since", ASCENDING), ("_id", ASCENDING)]


class MongoTimerStore:
    """Fills the port `TimerStore`.

    Args:
        collection: of the aggregates.
    """

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection

    def with_timers(self, identifiers: Sequence[str]) -> list[TimedDocument]:
        """Return those documents that have timers, as `TimerStore.with_timers`."""
        # (model: step look)
        return self._find({"_id": {"$in": list(identifiers)}, "timers": {"$exists": True}})

    def due_until(
        self, until: datetime, at: datetime, limit: int, after: DueDocument | None
    ) -> list[DueDocument]:
        """Return documents whose next timer is due by a time, as `TimerStore.due_until`."""
        query = _ALIVE | _by(until, after) | {"claimed_until": {"$not": {"$gt": at}}}
        with store_faults():
            documents = self._collection.find(query, {"next_due": 1}, sort=_ORDER, limit=limit)
            return [DueDocument(each["_id"], each["next_due"]) for each in documents]

    def claim(self, until: Mapping[DueDocument, datetime]) -> None:
        """Note that nudges are under way, as `TimerStore.claim`."""
        updates = [
            UpdateOne(
                {"_id": document.id, "next_due": document.next_due},
                {"$set": {"claimed_until": moment}},
            )
            for document, moment in until.items()
        ]
        with store_faults(), misfits_noted():
            self._collection.bulk_write(updates, ordered=False)

    def replace(self, document: TimedDocument, timer: ActiveTimer, claimed_until: datetime) -> bool:
        """Replace a timer, as `TimerStore.replace`."""
        timers = [timer if each.id == timer.id else each for each in document.timers]
        fields = timer_fields(timers) | {"claimed_until": claimed_until}
        update: dict[str, Any] = {"$set": fields}
        if missing := missing_fields(fields):
            update["$unset"] = missing
        # If neither the aggregate nor its next call has changed (model: step note).
        unchanged = _ALIVE | {
            "_id": document.id,
            "version": document.version,
            "next_due": document.next_due,
        }
        with store_faults(), misfits_noted():
            return self._collection.update_one(unchanged, update).matched_count == 1
        return False

    def oldest_due(self) -> datetime | None:
        """Return when the timer is due that is due first, as `TimerStore.oldest_due`."""
        query = _ALIVE | {"next_due": {"$exists": True}}
        with store_faults():
            oldest = self._collection.find_one(query, {"next_due": 1}, sort=_ORDER)
        return oldest["next_due"] if oldest else None

    def parked_count(self) -> int:
        """Return how many documents have a parked timer, as `TimerStore.parked_count`."""
        with store_faults():
            return self._collection.count_documents(_ALIVE | _PARKED)

    def waiting(
        self, until: datetime, limit: int, after: TimedDocument | None
    ) -> list[TimedDocument]:
        """Return documents whose next timer calls by a time, as `TimerStore.waiting`."""
        return self._find(_by(until, after), _ORDER, limit)

    def parked(self, limit: int, after: TimedDocument | None) -> list[TimedDocument]:
        """Return documents with a parked timer, as `TimerStore.parked`."""
        query = _PARKED
        if after is not None:
            query = _behind("timers_parked_since", after.parked_since, after.id)
        return self._find(query, _ORDER_OF_PARKED, limit)

    def _find(
        self,
        query: Document,
        order: Sequence[tuple[str, int]] = (("_id", ASCENDING),),
        limit: int = 0,
    ) -> list[TimedDocument]:
        """Return what is found; what is damaged is left out, and the log says which it is."""

        def find(collection: Collection[Any], query: Document = _ALIVE | query) -> list[Any]:
            return collection.find(query, _TIMERS, sort=list(order), limit=limit).to_list()

        with store_faults():
            try:
                documents = find(self._collection)
            except InvalidBSON as error:
                damaged = ids_of_damaged(self._collection, find)
                for each in damaged:
                    log_unreadable(self._collection.name, each, error)
                others = {"$and": [_ALIVE | query, {"_id": {"$nin": damaged}}]}
                documents = find(self._collection, others)
        return [each for each in map(self._timed, documents) if each is not None]

    def _timed(self, document: Document) -> TimedDocument | None:
        try:
            return TimedDocument(
                self._collection.name,
                document["_id"],
                document["version"],
                timers_in(document),
                document.get("next_due"),
            )
        except Exception as error:  # noqa: BLE001 - whatever the damage is
            log_unreadable(self._collection.name, document["_id"], error)
            return None


def _by(until: datetime, after: DueDocument | TimedDocument | None) -> Document:
    """Return the condition for what is due by a time and follows a document."""
    if after is None:
        return {"next_due": {"$lte": until}}
    return _behind("next_due", after.next_due, after.id, {"$lte": until})


def _behind(
    name: str, moment: datetime | None, identifier: str, bound: Document | None = None
) -> Document:
    """Return the condition for what follows a document, by a moment and then by its id.

    Args:
        name: of the attribute with the moment.
        moment: the document's.
        identifier: the document's.
        bound: a condition for later moments.
    """
    return {
        "$or": [
            {name: moment, "_id": {"$gt": identifier}},
            {name: {"$gt": moment, **(bound or {})}},
        ]
    }
