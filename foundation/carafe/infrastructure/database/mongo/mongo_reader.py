"""Reading the aggregates of one collection: one by its id, a page, all of them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from bson.errors import InvalidBSON
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from carafe.contracts.base import CommandResult, Contract
from carafe.contracts.envelope import CommandContext
from carafe.contracts.views import View
from carafe.domain.model import AggregateRoot, collection_of
from carafe.infrastructure.database.bookkeeping import Refusals, earlier_result
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.criteria import Criterion, Sorting
from carafe.infrastructure.database.cursors import Cursors
from carafe.infrastructure.database.repository import (
    LARGEST_PAGE,
    Page,
    items_of_all_pages,
    require_page_size,
)
from carafe.infrastructure.database.stored import position_of, stored_name, text_of_question

from .damage import ids_of_damaged
from .documents import Documents
from .faults import store_faults
from .queries import behind, has_further_places, query_of, sort_of, sorted_by
from .steps import NO_STEPS, Downcaster, Upcaster

A = TypeVar("A", bound=AggregateRoot)
V = TypeVar("V", bound=Contract)

WITHOUT_BOOKKEEPING = {"pending": 0, "handled": 0, "_marks": 0}


class MongoReader(Generic[A]):
    """The reading half of `MongoRepository`.

    Args:
        database: where the collection lies.
        cursors: seals the cursors of pages.
    """

    aggregate: type[A]
    upcasters: ClassVar[Mapping[int, Upcaster]] = NO_STEPS
    downcasters: ClassVar[Mapping[int, Downcaster]] = NO_STEPS

    def __init__(self, database: Database[Document], cursors: Cursors) -> None:
        self.documents = Documents(self.aggregate, self.upcasters, self.downcasters)
        self.collection: Collection[Document] = database[collection_of(self.aggregate)]
        self._refusals = Refusals(self.aggregate)
        self._cursors = cursors
        self._session: ClientSession | None = None

    def get(self, identifier: str) -> A:
        """Return an aggregate, as `Repository.get`."""
        document = self._find_one(identifier, WITHOUT_BOOKKEEPING)
        return self.documents.decode(self._refusals.require_alive(document, identifier))

    def exists(self, identifier: str) -> bool:
        """Return whether there is such an aggregate, as `Repository.exists`."""
        document = self._find_one(identifier, {"deleted_at": 1})
        return document is not None and "deleted_at" not in document

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or an earlier result, as `Repository.load`."""
        # One read for the state and the handled command (model: step load).
        document = self._find_one(identifier, {"pending": 0, "_marks": 0} | _handled_entry(context))
        earlier = earlier_result(document, context)
        return earlier or self.documents.decode(self._refusals.require_alive(document, identifier))

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, as `Repository.earlier_result`."""
        document = self._find_one(identifier, {"version": 1} | _handled_entry(context))
        return earlier_result(document, context)

    def find(
        self,
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[A]:
        """Return a page of aggregates, as `Repository.find`."""
        page = self._page(criteria, order, limit, cursor)
        items = [self.documents.decode(each) for each in _drained(page.items)]
        return Page(items, page.next_cursor)

    def find_views(
        self,
        view: View[V, A],
        *criteria: Criterion,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[V]:
        """Return a page of views, as `Repository.find_views`; only what they need is fetched."""
        projection = self._projection(view)
        page = self._page(criteria, order, limit, cursor, projection)
        documents = _drained(page.items)
        if projection is not WITHOUT_BOOKKEEPING:
            documents = filter(None, map(self._whole_if_old, documents))
        items = [view.of(self.documents.decode(each, view.attributes)) for each in documents]
        return Page(items, page.next_cursor)

    def _projection(self, view: View[Any, Any]) -> Mapping[str, int]:
        """Project what a view needs, and what says how to read it."""
        # While documents are written in an earlier form, nearly all of them are needed whole.
        if view.attributes is None or self.documents.written != self.documents.version:
            return WITHOUT_BOOKKEEPING
        return {"schema_version": 1} | {stored_name(each): 1 for each in view.attributes}

    def _whole_if_old(self, document: Document) -> Document | None:
        """Return a projected document; one of another form is fetched whole, to be upcast.

        None when it was deleted between the two reads: the page goes on without it.
        """
        if document.get("schema_version") == self.documents.version:
            return document
        whole = self._find_one(document["_id"], WITHOUT_BOOKKEEPING)
        return None if whole is None or "deleted_at" in whole else whole

    def stream(self, *criteria: Criterion, order: Sequence[str] = ()) -> Iterator[A]:
        """Yield all aggregates that meet all criteria, as `Repository.stream`."""
        return items_of_all_pages(
            lambda cursor: self.find(*criteria, order=order, limit=LARGEST_PAGE, cursor=cursor)
        )

    def _page(
        self,
        criteria: Sequence[Criterion],
        order: Sequence[str],
        limit: int,
        cursor: str | None,
        projection: Mapping[str, int] = WITHOUT_BOOKKEEPING,
    ) -> Page[Document]:
        require_page_size(limit)
        sorting = Sorting.of(self.aggregate, order)
        conditions = query_of(self.aggregate, criteria, sorting)
        query = {"$and": [*conditions["$and"], *has_further_places(sorting)]}
        # Most pages have no cursor, and the text takes longer than the query.
        question = partial(text_of_question, self.aggregate, criteria, sorting)
        if cursor is not None:
            position = self._cursors.open(cursor, question())
            query["$and"].append(behind(sorting, position))
        documents = self._find(
            query, dict(projection) | sorted_by(sorting, projection), sorting, limit + 1
        )
        if len(documents) <= limit:
            return Page(documents, None)
        last = self._position_of(sorting, documents[limit - 1])
        next_cursor = self._cursors.seal(last, question())
        return Page(documents[:limit], next_cursor)

    def _find(
        self, query: Document, projection: Document, sorting: Sorting, limit: int
    ) -> list[Document]:
        """Return the first documents; one that Python cannot hold is named in the log."""

        def find(collection: Collection[Any]) -> list[Any]:
            return collection.find(
                query,
                projection,
                sort=sort_of(sorting),
                limit=limit,
                batch_size=limit,
                session=self._session,
            ).to_list()

        with store_faults():
            try:
                return find(self.collection)
            except InvalidBSON as error:
                # None if another process has mended or deleted it since.
                ids: list[str | None] = [*ids_of_damaged(self.collection, find)] or [None]
                for each in ids[1:]:
                    self.documents.unreadable(each, error)
                raise self.documents.unreadable(ids[0], error) from error

    def _position_of(self, sorting: Sorting, document: Document) -> list[Any]:
        try:
            return position_of(sorting, document)
        except (KeyError, TypeError) as error:
            raise self.documents.unreadable(document["_id"], error) from error

    def _find_one(self, identifier: str, projection: Mapping[str, Any]) -> Document | None:
        query = {"_id": identifier}
        with store_faults():
            try:
                return self.collection.find_one(query, projection, session=self._session)
            except InvalidBSON as error:
                raise self.documents.unreadable(identifier, error) from error


def _drained(documents: list[Document]) -> Iterator[Document]:
    """Yield the documents in order, and keep none of them.

    What is decoded next then lies in memory that the processor still has in its cache: a list
    of 1,000 takes a seventh less time.
    """
    documents.reverse()
    while documents:
        yield documents.pop()


def _handled_entry(context: CommandContext) -> Document:
    """Project the one entry that matters, so that a long list never travels."""
    return {"handled": {"$elemMatch": {"id": context.command_id}}}
