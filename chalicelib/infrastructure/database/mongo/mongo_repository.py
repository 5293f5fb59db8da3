"""One aggregate, one document, one write.

The document of an aggregate:

    _id             the aggregate's id
    version         commits so far; every write matches the version it read
    schema_version  of the stored form
    sequence        events so far
    ...             the aggregate's own attributes
    pending         envelopes of the events not yet relayed, oldest first
    pending_since   while `pending` is not empty: since when; the sweep finds it by this
    handled         the latest commands: {id, digest, version, at}
    deleted_at      on a tombstone, which keeps only pending events and handled commands
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chalicelib.contracts.base import CommandResult
from chalicelib.contracts.envelope import CommandContext
from chalicelib.domain.errors import AlreadyExists, NotFound, StaleVersion
from chalicelib.domain.model import SCHEMA_ATTRIBUTE, AggregateRoot, Schema, collection_of
from chalicelib.infrastructure.cqrs.outbox import MOST_PENDING, Envelope, Outbox
from chalicelib.infrastructure.errors import CommandMismatch, DocumentUnreadable, OutboxFull
from chalicelib.infrastructure.identifiers import now

from .codec import Document, codec_for, stored_fields
from .faults import OUTCOME_UNKNOWN, store_faults

A = TypeVar("A", bound=AggregateRoot)

# Commands an aggregate remembers. A repeat comes within minutes (clients, queues) or days
# (a redrive); an aggregate that handles more than this in between is not one aggregate.
MOST_HANDLED = 100

_WITHOUT_BOOKKEEPING = {"pending": 0, "handled": 0}

Nudge = Callable[[str, str], None]


class MongoRepository(Generic[A]):
    """The base of every aggregate's repository; fills the port `Repository`.

    Args:
        database: where the collection lies.
        outbox: turns recorded events into envelopes.
        nudge: called with collection and id after a commit that left events.
        clock: tells the time.
    """

    aggregate: type[A]

    def __init__(
        self,
        database: Database[Document],
        outbox: Outbox,
        nudge: Nudge,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._schema: Schema = getattr(self.aggregate, SCHEMA_ATTRIBUTE)
        self._codec = codec_for(self.aggregate)
        self._fields_unset = dict.fromkeys(stored_fields(self.aggregate), "")
        self.collection: Collection[Document] = database[collection_of(self.aggregate)]
        self._outbox = outbox
        self._nudge = nudge
        self._clock = clock

    # Reading

    def get(self, identifier: str) -> A:
        """Return an aggregate, as `Repository.get`."""
        document = self._alive(self._found(identifier, _WITHOUT_BOOKKEEPING), identifier)
        return self._decoded(document, identifier)

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or an earlier result, as `Repository.load`."""
        document = self._found(identifier, {"pending": 0} | _handled_entry(context))
        if document is not None and (earlier := _earlier(document, context)):
            return earlier
        return self._decoded(self._alive(document, identifier), identifier)

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, as `Repository.earlier_result`."""
        document = self._found(identifier, {"version": 1} | _handled_entry(context))
        return None if document is None else _earlier(document, context)

    # Writing

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate, as `Repository.add`."""
        events = self._outbox.envelopes(aggregate, context)
        at = self._clock()
        document = {
            "_id": aggregate.id,
            "version": 1,
            "schema_version": self._schema.version,
            "sequence": len(events),
            **self._codec.encode(aggregate),
            "pending": events,
            "handled": [_handled(context, 1, at)],
        }
        if events:
            document["pending_since"] = at
        try:
            with store_faults():
                self._insert(document)
        except DuplicateKeyError as error:
            return self._earlier_or_taken(aggregate, context, error)
        return self._committed(aggregate, events)

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state, as `Repository.save`."""
        return self._update(aggregate, context, {"$set": self._codec.encode(aggregate)})

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`; the relay clears it when it is drained."""
        return self._update(
            aggregate,
            context,
            {"$set": {"deleted_at": self._clock()}, "$unset": dict(self._fields_unset)},
        )

    def _update(
        self, aggregate: A, context: CommandContext, change: dict[str, dict[str, Any]]
    ) -> CommandResult:
        """Commit a change of an existing document, in one write that matches its version."""
        events = self._outbox.envelopes(aggregate, context)
        at = self._clock()
        version = aggregate.version + 1
        change["$set"] |= {"version": version, "sequence": aggregate.sequence + len(events)}
        change["$push"] = {
            "handled": {"$each": [_handled(context, version, at)], "$slice": -MOST_HANDLED}
        }
        unchanged: Document = {"_id": aggregate.id, "version": aggregate.version}
        if events:
            change["$push"]["pending"] = {"$each": events}
            change["$min"] = {"pending_since": at}
            unchanged[f"pending.{MOST_PENDING - len(events)}"] = {"$exists": False}
        if not self._applied(unchanged, change):
            return self._earlier_or_refused(aggregate, context)
        return self._committed(aggregate, events)

    def _insert(self, document: Document) -> None:
        try:
            self.collection.insert_one(document)
        except OUTCOME_UNKNOWN:
            # Whatever became of it: the second insert applies, or collides with the first.
            self.collection.insert_one(document)

    def _applied(self, unchanged: Document, change: Mapping[str, Any]) -> bool:
        with store_faults():
            try:
                return self.collection.update_one(unchanged, change).matched_count == 1
            except OUTCOME_UNKNOWN:
                # If it did apply, the version no longer matches, and `handled` tells.
                return self.collection.update_one(unchanged, change).matched_count == 1

    def _committed(self, aggregate: A, events: list[Envelope]) -> CommandResult:
        aggregate.version += 1
        aggregate.sequence += len(events)
        aggregate.recorded.clear()
        if events:
            self._nudge(self.collection.name, aggregate.id)
        return CommandResult(id=aggregate.id, version=aggregate.version)

    # Telling why a write did not apply

    def _earlier_or_taken(
        self, aggregate: A, context: CommandContext, error: DuplicateKeyError
    ) -> CommandResult:
        earlier = self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        pattern = (error.details or {}).get("keyPattern", {})
        taken = " and ".join(name for name in pattern if name != "_id") or "id"
        raise AlreadyExists(
            f"Another {self._kind} has this {taken}.", code=f"{self._kind}_already_exists"
        ) from error

    def _earlier_or_refused(self, aggregate: A, context: CommandContext) -> CommandResult:
        earlier = self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        projection = {"version": 1, "deleted_at": 1}
        document = self._alive(self._found(aggregate.id, projection), aggregate.id)
        if document["version"] == aggregate.version:
            raise OutboxFull(
                f"{MOST_PENDING} events of this {self._kind} wait for the bus; try again later."
            )
        raise StaleVersion(f"The {self._kind} changed meanwhile; read it again and repeat.")

    # Documents

    @property
    def _kind(self) -> str:
        return self.aggregate.__name__.lower()

    def _found(self, identifier: str, projection: Mapping[str, Any]) -> Document | None:
        with store_faults():
            return self.collection.find_one({"_id": identifier}, projection)

    def _alive(self, document: Document | None, identifier: str) -> Document:
        if document is None or "deleted_at" in document:
            raise NotFound(self._kind, identifier)
        return document

    def _decoded(self, document: Document, identifier: str) -> A:
        try:
            aggregate: A = self._codec.decode(document)
        except (KeyError, TypeError, AttributeError) as error:
            raise DocumentUnreadable(
                f"The stored {self._kind} {identifier} does not fit the code: {error!r}."
            ) from error
        return aggregate


def _handled(context: CommandContext, version: int, at: datetime) -> Document:
    return {"id": context.command_id, "digest": context.digest, "version": version, "at": at}


def _handled_entry(context: CommandContext) -> Document:
    """Project the one entry that matters, so that a long list never travels."""
    return {"handled": {"$elemMatch": {"id": context.command_id}}}


def _earlier(document: Document, context: CommandContext) -> CommandResult | None:
    """Return the first result of a command, if the document's projected entry holds it.

    Raises:
        CommandMismatch: the id came before with another content.
    """
    for entry in document.get("handled", ()):
        if entry["digest"] != context.digest:
            raise CommandMismatch("This idempotency key was used before, for another request.")
        return CommandResult(id=document["_id"], version=entry["version"])
    return None
