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
    expires_at      on a drained tombstone: when it goes
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Self, TypeVar

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chalicelib.contracts.base import CommandResult, Contract
from chalicelib.contracts.envelope import CommandContext
from chalicelib.domain.errors import AlreadyExists, NotFound, StaleVersion
from chalicelib.domain.model import AggregateRoot, collection_of
from chalicelib.infrastructure.cqrs.outbox import MOST_PENDING, Envelope, Outbox
from chalicelib.infrastructure.database.criteria import Criterion, Sorting
from chalicelib.infrastructure.database.cursors import Cursors
from chalicelib.infrastructure.database.repository import LARGEST_PAGE, Page
from chalicelib.infrastructure.errors import CommandMismatch, OutboxFull
from chalicelib.infrastructure.identifiers import now

from .codec import Document
from .documents import Documents, Upcaster
from .faults import OUTCOME_UNKNOWN, store_faults
from .queries import behind, position_of, query_of, sort_of, sorted_by
from .views import View

A = TypeVar("A", bound=AggregateRoot)
V = TypeVar("V", bound=Contract)

# Commands an aggregate remembers. A repeat comes within minutes (clients, queues) or days
# (a redrive); an aggregate that handles more than this in between is not one aggregate.
MOST_HANDLED = 100

WITHOUT_BOOKKEEPING = {"pending": 0, "handled": 0}

Nudge = Callable[[str, str], None]


class MongoRepository(Generic[A]):
    """The base of every aggregate's repository; fills the port `Repository`.

    Args:
        database: where the collection lies.
        outbox: turns recorded events into envelopes.
        nudge: called with collection and id after a commit that left events.
        cursors: seals the cursors of pages.
        clock: tells the time.
    """

    aggregate: type[A]
    upcasters: ClassVar[Mapping[int, Upcaster]] = {}

    def __init__(
        self,
        database: Database[Document],
        outbox: Outbox,
        nudge: Nudge,
        cursors: Cursors,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.documents = Documents(self.aggregate, self.upcasters)
        self.collection: Collection[Document] = database[collection_of(self.aggregate)]
        self._outbox = outbox
        self._nudge = nudge
        self._cursors = cursors
        self._clock = clock
        self._session: ClientSession | None = None

    def within(self, session: ClientSession, nudge: Nudge) -> Self:
        """Return this repository inside a transaction, whose nudges wait for its commit."""
        bound = copy.copy(self)
        bound._session = session  # noqa: SLF001 - a copy of this very object
        bound._nudge = nudge  # noqa: SLF001 - the same
        return bound

    # Reading one

    def get(self, identifier: str) -> A:
        """Return an aggregate, as `Repository.get`."""
        document = self._found(identifier, WITHOUT_BOOKKEEPING)
        return self.documents.decode(self._alive(document, identifier))

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such an aggregate, as `Repository.exists`."""
        document = self._found(identifier, {"deleted_at": 1})
        return document is not None and "deleted_at" not in document

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or an earlier result, as `Repository.load`."""
        document = self._found(identifier, {"pending": 0} | _handled_entry(context))
        if document is not None and (earlier := _earlier(document, context)):
            return earlier
        return self.documents.decode(self._alive(document, identifier))

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, as `Repository.earlier_result`."""
        document = self._found(identifier, {"version": 1} | _handled_entry(context))
        return None if document is None else _earlier(document, context)

    # Reading many

    def find(
        self,
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[A]:
        """Return a page of aggregates, as `Repository.find`."""
        page = self._page(criteria, order, limit, cursor)
        return Page([self.documents.decode(each) for each in page.items], page.next_cursor)

    def find_views(
        self,
        view: View[V],
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[V]:
        """Return a page of views, as `find` would of aggregates, fetching only what they show."""
        page = self._page(criteria, order, limit, cursor, view.projection)
        return Page([view.read(self._present(each)) for each in page.items], page.next_cursor)

    def _present(self, document: Document) -> Document:
        """Return a projected document in the present form; an old one is fetched whole."""
        if document["schema_version"] == self.documents.version:
            return document
        whole = self._found(document["_id"], WITHOUT_BOOKKEEPING)
        return self.documents.upcast(self._alive(whole, document["_id"]))

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, as `Repository.stream`."""
        cursor: str | None = None
        while True:
            page = self.find(*criteria, order=order, limit=LARGEST_PAGE, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _page(
        self,
        criteria: Sequence[Criterion],
        order: Sequence[str],
        limit: int,
        cursor: str | None,
        projection: Mapping[str, int] = WITHOUT_BOOKKEEPING,
    ) -> Page[Document]:
        if not 1 <= limit <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} items, not {limit}")
        sorting = Sorting.of(self.aggregate, order)
        query = query_of(self.aggregate, criteria, sorting)
        identity = f"{self.collection.name} {sorting} {query}"
        if cursor is not None:
            query["$and"].append(behind(sorting, self._cursors.open(cursor, identity)))
        with store_faults():
            found = self.collection.find(
                query,
                dict(projection) | sorted_by(sorting, projection),
                sort=sort_of(sorting),
                limit=limit + 1,
                batch_size=limit + 1,
                session=self._session,
            ).to_list()
        if len(found) <= limit:
            return Page(found, None)
        last = position_of(sorting, found[limit - 1])
        return Page(found[:limit], self._cursors.seal(last, identity))

    # Writing

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate, as `Repository.add`."""
        events = self._outbox.envelopes(aggregate, context)
        at = self._clock()
        document = {
            "_id": aggregate.id,
            "version": 1,
            "schema_version": self.documents.version,
            "sequence": len(events),
            **self.documents.encode(aggregate),
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
        return self._update(aggregate, context, {"$set": self.documents.encode(aggregate)})

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`; it goes some time after it is drained."""
        state = dict.fromkeys(self.documents.fields, "")
        gone = {"$set": {"deleted_at": self._clock()}, "$unset": state}
        return self._update(aggregate, context, gone)

    def _update(
        self, aggregate: A, context: CommandContext, change: Mapping[str, Any]
    ) -> CommandResult:
        """Commit a change of an existing document, in one write that matches its version."""
        events = self._outbox.envelopes(aggregate, context)
        at = self._clock()
        version = aggregate.version + 1
        unchanged: Document = {
            "_id": aggregate.id,
            "version": aggregate.version,
            "schema_version": self.documents.version,
            "deleted_at": None,
            # Once is once, even for who gives a command a second time with the newest state.
            "handled.id": {"$ne": context.command_id},
        }
        counted = {"version": version, "sequence": aggregate.sequence + len(events)}
        entry = {"$each": [_handled(context, version, at)], "$slice": -MOST_HANDLED}
        update = {**change, "$set": change["$set"] | counted, "$push": {"handled": entry}}
        if events:
            update["$push"]["pending"] = {"$each": events}
            update["$min"] = {"pending_since": at}
            unchanged[f"pending.{MOST_PENDING - len(events)}"] = {"$exists": False}
        try:
            if self._applied(unchanged, update):
                return self._committed(aggregate, events)
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
                raise  # the transaction as a whole is repeated
            # Whatever became of it: the second insert applies, or collides with the first.
            self.collection.insert_one(document)

    def _applied(self, unchanged: Document, update: Mapping[str, Any]) -> bool:
        with store_faults():
            try:
                done = self.collection.update_one(unchanged, update, session=self._session)
            except OUTCOME_UNKNOWN:
                if self._session is not None:
                    raise
                # If it did apply, the version no longer matches, and `handled` tells.
                done = self.collection.update_one(unchanged, update)
        return done.matched_count == 1

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
        # Inside a transaction nothing can be read any more: the collision has ended it.
        earlier = None if self._session else self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        pattern = (error.details or {}).get("keyPattern", {})
        taken = " and ".join(name for name in pattern if name != "_id") or "id"
        raise AlreadyExists(
            f"Another {self._kind} has this {taken}.", code=f"{self._kind}_already_exists"
        ) from error

    def _earlier_or_migrated(self, aggregate: A, context: CommandContext) -> CommandResult | None:
        """Return an earlier result, or None once the document is of the present form.

        Raises:
            StaleVersion, OutboxFull: that is why the write did not apply.
        """
        earlier = self.earlier_result(aggregate.id, context)
        if earlier is not None:
            return earlier
        found = self._alive(self._found(aggregate.id, WITHOUT_BOOKKEEPING), aggregate.id)
        if found["version"] != aggregate.version:
            raise StaleVersion(f"The {self._kind} changed meanwhile; read it again and repeat.")
        if found["schema_version"] == self.documents.version:
            raise OutboxFull(
                f"{MOST_PENDING} events of this {self._kind} wait for the bus; try again later."
            )
        self.migrate(found)
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
            done = self.collection.update_one(
                unchanged, self.documents.migration(document), session=self._session
            )
        return done.matched_count == 1

    # Documents

    @property
    def _kind(self) -> str:
        return self.aggregate.__name__.lower()

    def _found(self, identifier: str, projection: Mapping[str, Any]) -> Document | None:
        with store_faults():
            return self.collection.find_one({"_id": identifier}, projection, session=self._session)

    def _alive(self, document: Document | None, identifier: str) -> Document:
        if document is None or "deleted_at" in document:
            raise NotFound(self._kind, identifier)
        return document


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
