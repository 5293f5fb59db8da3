"""Aggregates in the memory of one process, for tests and trials without a server.

A document looks as it does in MongoDB. It came through the codec and BSON, so that it is a
copy, and what MongoDB could not keep is refused here too. A commit replaces the document as a
whole and never changes it in place, so that a reader needs no lock for one of them.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from carafe.contracts.base import CommandResult, Contract
from carafe.contracts.envelope import CommandContext
from carafe.contracts.views import View
from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.database.bookkeeping import (
    Refusals,
    earlier_result,
    forgets_after,
    handled_entry,
    is_forgotten,
)
from carafe.infrastructure.database.codec import Document, codec_for
from carafe.infrastructure.database.criteria import Criterion, Sorting
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.repository import (
    LARGEST_PAGE,
    Nudge,
    Page,
    items_of_all_pages,
    require_page_size,
)
from carafe.infrastructure.database.stored import position_of, text_of_question
from carafe.infrastructure.database.timers import timer_change, timer_fields_in
from carafe.infrastructure.identifiers import now
from carafe.infrastructure.outbox.outbox import (
    MOST_PENDING,
    Envelope,
    Outbox,
    PendingEntry,
    envelope_of,
    event_count,
)

from .matching import comparable, condition_of, is_behind, meets, through_bson
from .uniqueness import UniqueIndexes

A = TypeVar("A", bound=AggregateRoot)
V = TypeVar("V", bound=Contract)

NOTHING_YET: Document = {"version": 0, "sequence": 0, "pending": [], "handled": []}


class MemoryRepository(Generic[A]):
    """The base of a repository in memory; fills the port `Repository`, shared by threads.

    Args:
        outbox: turns recorded events into pending entries.
        nudge: called after a commit that left events, or set a timer that is due soon.
        cursors: seals the cursors of pages.
        clock: tells the time.
    """

    aggregate: type[A]

    def __init__(
        self, outbox: Outbox, nudge: Nudge, cursors: Cursors, clock: Callable[[], datetime] = now
    ) -> None:
        codec = codec_for(self.aggregate)
        self._encode: Callable[[A], Document] = codec.encode
        self._decode: Callable[[Document], A] = codec.decode
        self._collection = collection_of(self.aggregate)
        self._refusals = Refusals(self.aggregate)
        self._unique = UniqueIndexes(self.aggregate)
        self._outbox, self._nudge, self._cursors, self._clock = outbox, nudge, cursors, clock
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}

    def pending(self, identifier: str) -> list[Envelope]:
        """Return the events of an aggregate, deleted or not, that wait for the bus."""
        pending = self._documents.get(identifier, NOTHING_YET)["pending"]
        return [envelope_of(each) for each in pending]

    def get(self, identifier: str) -> A:
        """Return an aggregate, as `Repository.get`."""
        return self._decode(
            self._refusals.require_alive(self._documents.get(identifier), identifier)
        )

    def exists(self, identifier: str) -> bool:
        """Return whether there is such an aggregate, as `Repository.exists`."""
        document = self._documents.get(identifier)
        return document is not None and "deleted_at" not in document

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or an earlier result, as `Repository.load`."""
        document = self._documents.get(identifier)
        return earlier_result(document, context) or self._decode(
            self._refusals.require_alive(document, identifier)
        )

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, as `Repository.earlier_result`."""
        return earlier_result(self._documents.get(identifier), context)

    def find(
        self,
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[A]:
        """Return a page of aggregates, as `Repository.find`."""
        require_page_size(limit)
        sorting = Sorting.of(self.aggregate, order)
        conditions = [condition_of(self.aggregate, each) for each in criteria]
        question = text_of_question(self.aggregate, criteria, sorting)
        with self._lock:
            documents = list(self._documents.values())
        matches = sorted(
            (each for each in documents if "deleted_at" not in each and meets(each, conditions)),
            key=lambda document: comparable(position_of(sorting, document)),
            reverse=sorting.descending,
        )
        if cursor is not None:
            last = comparable(self._cursors.open(cursor, question))
            matches = [each for each in matches if is_behind(last, each, sorting)]
        items = [self._decode(each) for each in matches[:limit]]
        if len(matches) <= limit:
            return Page(items, None)
        return Page(items, self._cursors.seal(position_of(sorting, matches[limit - 1]), question))

    def find_views(
        self,
        view: View[V, A],
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[V]:
        """Return a page of views, as `Repository.find_views`."""
        page = self.find(*criteria, order=order, limit=limit, cursor=cursor)
        return Page([view.of(each) for each in page.items], page.next_cursor)

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, as `Repository.stream`."""
        return items_of_all_pages(
            lambda cursor: self.find(*criteria, order=order, limit=LARGEST_PAGE, cursor=cursor)
        )

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate, as `Repository.add`."""
        return self._commit(aggregate, context, self._encode(aggregate), self._require_new)

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state, as `Repository.save`."""
        return self._commit(aggregate, context, self._encode(aggregate), self._require_unchanged)

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`."""
        tombstone = {"deleted_at": self._clock()}
        return self._commit(aggregate, context, tombstone, self._require_unchanged)

    def _commit(
        self,
        aggregate: A,
        context: CommandContext,
        state: Document,
        require: Callable[[A, Document | None], None],
    ) -> CommandResult:
        """Replace a document by the one that follows, unless the command was handled before."""
        events = self._outbox.entries(aggregate, context)
        state = through_bson({"_id": aggregate.id, **state})
        with self._lock:
            before = self._documents.get(aggregate.id)
            if earlier := earlier_result(before, context):
                return earlier
            require(aggregate, before)
            is_deletion = "deleted_at" in state
            timers = timer_change(aggregate, context, self._clock(), is_deletion=is_deletion)
            after = state | self._bookkeeping(before or NOTHING_YET, events, context)
            after |= timers.fields if timers else timer_fields_in(before or NOTHING_YET)
            self._unique.move(before, after)
            self._documents[aggregate.id] = after
        aggregate.version, aggregate.sequence = after["version"], after["sequence"]
        aggregate.recorded.clear()
        if events:
            self._nudge(self._collection, aggregate.id)
        if timers:
            timers.note(aggregate)
            if timers.nudge_at:
                self._nudge(self._collection, aggregate.id, timers.nudge_at)
        return CommandResult(id=aggregate.id, version=aggregate.version)

    def _require_new(self, _aggregate: A, document: Document | None) -> None:
        if document is not None:
            raise self._refusals.already_exists("id")

    def _require_unchanged(self, aggregate: A, document: Document | None) -> None:
        if self._refusals.require_alive(document, aggregate.id)["version"] != aggregate.version:
            raise self._refusals.stale()

    def _bookkeeping(
        self, before: Document, events: Sequence[PendingEntry], context: CommandContext
    ) -> Document:
        """Return what follows in a commit, in new lists: readers may still hold the old ones."""
        version, pending = before["version"] + 1, [*before["pending"], *events]
        if len(pending) > MOST_PENDING:
            raise self._refusals.outbox_full()
        at = self._clock()
        handled = [*before["handled"], handled_entry(context, version, at)]
        if forgets_after(version):
            handled = [each for each in handled if not is_forgotten(each, version, at)]
        return {
            "version": version,
            "sequence": before["sequence"] + event_count(events),
            "pending": pending,
            "handled": handled,
        }
