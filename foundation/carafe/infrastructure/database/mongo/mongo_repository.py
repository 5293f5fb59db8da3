"""One aggregate, one document, one write.

The document of an aggregate:

    _id             the aggregate's id
    version         commits so far; every write matches the version it read
    schema_version  of the stored form
    sequence        events so far
    ...             the aggregate's own attributes
    pending         what is not yet relayed, oldest first: events {id, type, sequence, body} and
                    commands {id, message_id, type, to, body}
    pending_since   while `pending` is not empty: since when; the sweep finds it by this
    handled         the creation, then the latest commands: {id, digest, version, at}
    timers          and `next_due`, `claimed_until`: see `database.timers`
    _marks          what indexes ask for, see `marks`; and what later versions note beside all
                    this, which is never read or changed here
    deleted_at      on a tombstone, which keeps only pending events and handled commands
    expires_at      on a drained tombstone: when it goes
"""

import copy
from collections.abc import Callable
from datetime import datetime
from typing import Self, TypeVar

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.bookkeeping import handled_entry
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.repository import Nudge
from carafe.infrastructure.database.timers import TimerChange, timer_change
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.outbox import MOST_PENDING, Outbox, PendingEntry, event_count

from .documents import StateForm
from .faults import store_faults
from .marks import add_marks, choices_of, with_marks
from .mongo_reader import WITHOUT_BOOKKEEPING, MongoReader
from .steps import state_in
from .writes import forget_handled, insert, is_updated

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
        self._choices = choices_of(self.aggregate)

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
        form = self.documents.to_write(aggregate)
        document = {
            "_id": aggregate.id,
            "version": 1,
            "schema_version": form.version,
            "sequence": event_count(events),
            **form.state,
            "pending": events,
            "handled": [handled_entry(context, 1, at)],
        }
        if events:
            document["pending_since"] = at
        timers = timer_change(aggregate, context, at)
        if timers:
            document |= timers.fields
        document = with_marks(document, self._marked_state(aggregate, form), self._choices)
        try:
            with store_faults():
                insert(self.collection, document, self._session)
        except DuplicateKeyError as error:
            return self._earlier_or_taken(aggregate, context, error)
        return self._committed(aggregate, events, timers)

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state, as `Repository.save`."""
        return self._update(aggregate, context, self.documents.to_write(aggregate))

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`; it goes some time after it is drained."""
        form = StateForm(self.documents.version, dict.fromkeys(self.documents.fields))
        return self._update(aggregate, context, form, deleted_at=self._clock())

    def _update(
        self,
        aggregate: A,
        context: CommandContext,
        form: StateForm,
        deleted_at: datetime | None = None,
    ) -> CommandResult:
        """Commit a change of an existing document, in one write that matches its version.

        Args:
            aggregate: with its new state.
            context: the command's.
            form: the state as it is to be stored, or what a deletion takes away.
            deleted_at: when it was deleted; None if it was not.
        """
        change = form.change(deleted_at)
        events = self._outbox.entries(aggregate, context)
        at = self._clock()
        version = aggregate.version + 1
        # One write, with its conditions in its own filter (model: step commit).
        unchanged: Document = {
            "_id": aggregate.id,
            "version": aggregate.version,
            "schema_version": form.version,
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
            unchanged[_last_place(len(events))] = {"$exists": False}
        timers = timer_change(aggregate, context, at, is_deletion=deleted_at is not None)
        if timers:
            timers.add_to(update)
        state = {} if deleted_at else self._marked_state(aggregate, form)
        add_marks(update, state, self._choices)
        try:
            if is_updated(self.collection, unchanged, update, self._session):
                result = self._committed(aggregate, events, timers)
                forget_handled(self.collection, aggregate.id, version, at, self._session)
                return result
        except DuplicateKeyError as error:
            return self._earlier_or_taken(aggregate, context, error)
        found = self._earlier_or_form(aggregate, context, form, is_deletion=deleted_at is not None)
        if isinstance(found, CommandResult):
            return found
        return self._update(aggregate, context, found, deleted_at)

    def _marked_state(self, aggregate: A, form: StateForm) -> Document:
        """Return the state that marks are about, which is the present one.

        Args:
            aggregate: whose state it is.
            form: in which it is stored.
        """
        if not self._choices or form.version == self.documents.version:
            return form.state
        return self.documents.present(aggregate).state

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

    def _earlier_or_form(
        self, aggregate: A, context: CommandContext, form: StateForm, *, is_deletion: bool
    ) -> CommandResult | StateForm:
        """Return an earlier result, or the form in which the change is to be written.

        Args:
            aggregate: with its new state.
            context: the command's.
            form: that in which it was not written.
            is_deletion: the form is what a deletion takes away.

        Raises:
            StaleVersion, OutboxFull, DocumentTooNew: that is why the write did not apply.
        """
        earlier = self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        document = self._refusals.require_alive(
            self._find_one(aggregate.id, WITHOUT_BOOKKEEPING), aggregate.id
        )
        if document["version"] != aggregate.version:
            raise self._refusals.stale()
        stored: int = document["schema_version"]
        if stored == form.version:
            self._require_room(aggregate)
            return form  # a migration was faster
        self.documents.require_known(document)
        if is_deletion:
            return StateForm(stored, state_in(document))
        if stored > form.version:
            # Code that writes the present form has saved it: an earlier one might lose something.
            return self.documents.present(aggregate)
        self.migrate(document, form.version)
        return form

    def _require_room(self, aggregate: A) -> None:
        full = {"_id": aggregate.id, _last_place(len(aggregate.recorded)): {"$exists": True}}
        with store_faults():
            if self.collection.find_one(full, {"_id": 1}, session=self._session):
                raise self._refusals.outbox_full()

    def migrate(self, document: Document, version: int | None = None) -> bool:
        """Bring a stored document into a later form, unless somebody writes it meanwhile.

        Args:
            document: as it was read, perhaps without its bookkeeping.
            version: of the later form; by default that in which documents are written.

        Raises:
            DocumentTooNew: newer code wrote it.
        """
        unchanged = {name: document[name] for name in ("_id", "version", "schema_version")}
        with store_faults():
            result = self.collection.update_one(
                unchanged, self.documents.migration(document, version), session=self._session
            )
        return result.matched_count == 1


def _last_place(count: int) -> str:
    """Return the place in a document that must be free for so many further entries."""
    return f"pending.{MOST_PENDING - count}"
