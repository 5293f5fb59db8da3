"""Aggregates in the memory of one process, for tests and trials without a server.

A document looks as it does in MongoDB. It came through the codec and BSON, so that it is a
copy, and what MongoDB could not keep is refused here too. A commit replaces the document as a
whole and never changes it in place, so that a reader needs no lock for one of them.
"""

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import product
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.decimal128 import Decimal128

from chalicelib.contracts.base import CommandResult
from chalicelib.contracts.envelope import CommandContext
from chalicelib.domain.errors import AlreadyExists, NotFound, StaleVersion
from chalicelib.domain.model import AggregateRoot, Index, collection_of
from chalicelib.infrastructure.cqrs.outbox import MOST_PENDING, Envelope, Outbox
from chalicelib.infrastructure.database.criteria import Criterion, Operator, Sorting, form_of
from chalicelib.infrastructure.database.cursors import Cursors
from chalicelib.infrastructure.database.forms import Many, schema_of
from chalicelib.infrastructure.database.mongo.codec import Document, codec_for, encode_value
from chalicelib.infrastructure.database.mongo.mongo_repository import MOST_HANDLED, Nudge
from chalicelib.infrastructure.database.mongo.queries import position_of
from chalicelib.infrastructure.database.repository import LARGEST_PAGE, Page
from chalicelib.infrastructure.errors import CommandMismatch, OutboxFull
from chalicelib.infrastructure.identifiers import now

A = TypeVar("A", bound=AggregateRoot)
Key = tuple[Any, ...]

_BSON: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
_NOTHING_YET: Document = {"version": 0, "sequence": 0, "pending": [], "handled": []}


class MemoryRepository(Generic[A]):
    """Fills the port `Repository`; safe to be shared by threads.

    Args:
        outbox: turns recorded events into envelopes.
        nudge: called with collection and id after a commit that left events.
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
        self._unique = [each for each in schema_of(self.aggregate).indexes if each.unique]
        self._outbox, self._nudge, self._cursors, self._clock = outbox, nudge, cursors, clock
        self._lock = threading.Lock()
        self._documents: dict[str, Document] = {}
        self._holders: dict[Key, str] = {}

    def pending(self, identifier: str) -> list[Envelope]:
        """Return the events of an aggregate, deleted or not, that wait for the bus."""
        return copy.deepcopy(self._documents.get(identifier, _NOTHING_YET)["pending"])

    def get(self, identifier: str) -> A:
        """Return an aggregate, as `Repository.get`."""
        return self._decode(self._alive(self._documents.get(identifier), identifier))

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such an aggregate, as `Repository.exists`."""
        return "deleted_at" not in self._documents.get(identifier, {"deleted_at": None})

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or an earlier result, as `Repository.load`."""
        found = self._documents.get(identifier)
        return _earlier(found, context) or self._decode(self._alive(found, identifier))

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, as `Repository.earlier_result`."""
        return _earlier(self._documents.get(identifier), context)

    def find(
        self,
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[A]:
        """Return a page of aggregates, as `Repository.find`."""
        if not 1 <= limit <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} items, not {limit}")
        sorting = Sorting.of(self.aggregate, order)
        wanted = [(each, self._stored_value(each)) for each in criteria]
        query = f"{self._collection} {sorting} {wanted}"
        with self._lock:
            documents = [each for each in self._documents.values() if _meets(each, wanted)]
        found = [(_comparable(position_of(sorting, each)), each) for each in documents]
        if cursor is not None:
            behind = _comparable(self._cursors.open(cursor, query))
            found = [each for each in found if each[0] != behind]
            found = [each for each in found if (each[0] < behind) is sorting.descending]
        found.sort(key=itemgetter(0), reverse=sorting.descending)
        items = [self._decode(document) for _, document in found[:limit]]
        if len(found) <= limit:
            return Page(items, None)
        return Page(items, self._cursors.seal(position_of(sorting, found[limit - 1][1]), query))

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, as `Repository.stream`."""
        page = self.find(*criteria, order=order, limit=LARGEST_PAGE)
        yield from page.items
        while page.next_cursor is not None:
            page = self.find(
                *criteria, order=order, limit=LARGEST_PAGE, cursor=page.next_cursor
            )
            yield from page.items

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate, as `Repository.add`."""
        return self._commit(aggregate, context, self._encode(aggregate), self._require_new)

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state, as `Repository.save`."""
        return self._commit(aggregate, context, self._encode(aggregate), self._require_unchanged)

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Leave a tombstone, as `Repository.delete`."""
        gone = {"deleted_at": self._clock()}
        return self._commit(aggregate, context, gone, self._require_unchanged)
