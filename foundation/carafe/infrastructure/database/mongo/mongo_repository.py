"""One aggregate, one document, one write.

The document of an aggregate:

    _id             the aggregate's id
    version         commits so far; every write matches the version it read
    schema_version  of the stored form
    sequence        events so far
    ...             the aggregate's own attributes
    pending         what is not yet relayed, oldest first: events {id, type, sequence, body} and
                    commands {id, type, to, body}
    pending_since   while `pending` is not empty: since when; the sweep finds it by this
    handled         the creation, then the latest commands: {id, digest, version, at}
    timers          and `next_due`, `claimed_until`: see `database.timers`
    deleted_at      on a tombstone, which keeps only pending events and handled commands
    expires_at      on a drained tombstone: when it goes
"""

import copy
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Self, TypeVar

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.bookkeeping import (
    CREATION_VERSION,
    HANDLED_FOR,
    LEAST_HANDLED,
    MOST_HANDLED,
    forgets_after,
    handled_entry,
)
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.repository import Nudge
from carafe.infrastructure.database.timers import TimerChange, timer_change
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.outbox import MOST_PENDING, Outbox, PendingEntry, event_count

from .faults import OUTCOME_UNKNOWN, store_faults
from .mongo_reader import WITHOUT_BOOKKEEPING, MongoReader

A = TypeVar("A", bound=AggregateRoot)


class MongoRepository(MongoReader[A]):
    """The base of every aggregate's repository; fills the port `Repository`.

    Args:
        database: where the collection lies.
        outbox: turns recorded events into pending entries.
        nudge: called after a commit that left events, or set a timer that is due soon.
        cursors: seals the cursors of pages.
        clock: tells the time.
    """

    def __init__(
        self,
        database: Database[Document],
        outbox: Outbox,
        nudge: Nudge,
        cursors: Cursors,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(database, cursors)
        self._outbox = outbox
        self._nudge = nudge
        self._clock = clock

    def within(self, session: ClientSession, nudge: Nudge) -> Self:
        """Return this repository inside a transaction, whose nudges wait for its commit."""
        bound = copy.copy(self)
        bound._session = session  # noqa: SLF001 - a copy of this very object
        bound._nudge = nudge  # noqa: SLF001 - the same
        return bound

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate, as `Repository.add`."""
        events = self._outbox.entries(aggregate, context)
        at = self._clock()
        document = {
            "_id": aggregate.id,
            "version": 1,
            "schema_version": self.documents.version,
            "sequence": event_count(events),
            **self.documents.encode(aggregate),
            "pending": events,
            "handled": [handled_entry(context, 1, at)],
        }
        if events:
            document["pending_since"] = at
        timers = timer_change(aggregate, context, at)
        if timers:
            document |= timers.fields
        try:
            with store_faults():
                self._insert(document)
        except DuplicateKeyError as error:
            return self._earlier_or_taken(aggregate, context, error)
        return self._committed(aggregate, events, timers)

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state, as `Repository.save`."""
        return self._update(aggregate, context, {"$set": self.documents.encode(aggregate)})

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`; it goes some time after it is drained."""
        state = dict.fromkeys(self.documents.fields, "")
        change = {"$set": {"deleted_at": self._clock()}, "$unset": state}
        return self._update(aggregate, context, change)

    def _update(
        self, aggregate: A, context: CommandContext, change: Mapping[str, Any]
    ) -> CommandResult:
        """Commit a change of an existing document, in one write that matches its version."""
        events = self._outbox.entries(aggregate, context)
        at = self._clock()
        version = aggregate.version + 1
        unchanged: Document = {
            "_id": aggregate.id,
            "version": aggregate.version,
            "schema_version": self.documents.version,
            "deleted_at": None,
            # A repeated command has no second effect, even with the newest version.
            "handled.id": {"$ne": context.command_id},
        }
        counted = {"version": version, "sequence": aggregate.sequence + event_count(events)}
        pushed: Document = {"handled": handled_entry(context, version, at)}
        update = {**change, "$set": change["$set"] | counted, "$push": pushed}
        if events:
            pushed["pending"] = {"$each": events}
            update["$min"] = {"pending_since": at}
            unchanged[f"pending.{MOST_PENDING - len(events)}"] = {"$exists": False}
        is_deletion = "deleted_at" in change["$set"]
        timers = timer_change(aggregate, context, at, is_deletion=is_deletion)
        if timers:
            timers.add_to(update)
        try:
            if self._applied(unchanged, update):
                result = self._committed(aggregate, events, timers)
                self._forget_handled(aggregate.id, version, at)
                return result
        except DuplicateKeyError as error:
            return self._earlier_or_taken(aggregate, context, error)
        earlier = self._earlier_or_migrated(aggregate, context)
        if earlier is not None:
            return earlier
        return self._update(aggregate, context, change)

    def _insert(self, document: Document) -> None:
        try:
            self.collection.insert_one(document, session=self._session)
        except OUTCOME_UNKNOWN:
            if self._session is not None:
                raise  # the transaction fails as a whole
            # Whatever became of it: the second insert applies, or collides with the first.
            self.collection.insert_one(document)

    def _applied(self, unchanged: Document, update: Mapping[str, Any]) -> bool:
        with store_faults():
            try:
                result = self.collection.update_one(unchanged, update, session=self._session)
            except OUTCOME_UNKNOWN:
                if self._session is not None:
                    raise
                # If it did apply, the version no longer matches, and `handled` tells.
                result = self.collection.update_one(unchanged, update)
        return result.matched_count == 1

    def _forget_handled(self, identifier: str, version: int, at: datetime) -> None:
        """Forget the commands that `is_forgotten` names, if it is time; never the creation.

        Writes of their own: one update cannot push to a list and pull from it. Nothing is lost
        when they fail, since the document forgets the same commands later.
        """
        if not forgets_after(version):
            return
        behind = {"$gt": CREATION_VERSION, "$lte": version - LEAST_HANDLED}
        old = {"version": behind, "at": {"$lt": at - HANDLED_FOR}}
        surplus = {"version": behind | {"$lte": version - MOST_HANDLED}}
        # In a transaction a fault stands for the whole.
        tolerated = () if self._session else (StoreUnavailable,)
        with suppress(*tolerated), store_faults():
            for forgotten in (old, surplus):
                update = {"$pull": {"handled": forgotten}}
                self.collection.update_one({"_id": identifier}, update, session=self._session)

    def _committed(
        self, aggregate: A, events: list[PendingEntry], timers: TimerChange | None
    ) -> CommandResult:
        aggregate.version += 1
        aggregate.sequence += event_count(events)
        aggregate.recorded.clear()
        if events:
            self._nudge(self.collection.name, aggregate.id)
        if timers:
            timers.note(aggregate)
            if timers.nudge_at:
                self._nudge(self.collection.name, aggregate.id, timers.nudge_at)
        return CommandResult(id=aggregate.id, version=aggregate.version)

    # Telling why a write did not apply

    def _earlier_or_taken(
        self, aggregate: A, context: CommandContext, error: DuplicateKeyError
    ) -> CommandResult:
        names = [each for each in (error.details or {}).get("keyPattern", {}) if each != "_id"]
        # Inside a transaction nothing can be read any more: the collision has ended it.
        if self._session is None:
            if not names and self._find_one(aggregate.id, {"_id": 1}) is None:
                # Written, perhaps by an earlier attempt of ours, but not confirmed by a majority.
                raise StoreUnavailable("The database did not confirm a write in time.") from error
            earlier = self.earlier_result(aggregate.id, context)
            if earlier is not None:
                return earlier
        raise self._refusals.already_exists(*(names or ["id"])) from error

    def _earlier_or_migrated(self, aggregate: A, context: CommandContext) -> CommandResult | None:
        """Return an earlier result, or None once the document is of the present form.

        Raises:
            StaleVersion, OutboxFull: that is why the write did not apply.
        """
        earlier = self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        document = self._refusals.require_alive(
            self._find_one(aggregate.id, WITHOUT_BOOKKEEPING), aggregate.id
        )
        if document["version"] != aggregate.version:
            raise self._refusals.stale()
        if document["schema_version"] == self.documents.version:
            raise self._refusals.outbox_full()
        self.migrate(document)
        return None

    def migrate(self, document: Document) -> bool:
        """Bring a stored document into the present form, unless somebody writes it meanwhile.

        Args:
            document: as it was read, perhaps without its bookkeeping.

        Raises:
            DocumentTooNew: newer code wrote it.
        """
        unchanged = {name: document[name] for name in ("_id", "version", "schema_version")}
        with store_faults():
            result = self.collection.update_one(
                unchanged, self.documents.migration(document), session=self._session
            )
        return result.matched_count == 1
