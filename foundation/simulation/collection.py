"""A driver's collections over a simulated replica set.

Reads and acknowledgements are as the options of the connection say, so that the code under test
decides what it may rely on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import UpdateOne
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    WTimeoutError,
)

from .matching import Document, is_match, place
from .store import ReplicaSet, Write
from .updates import projected, updated

OPTIONS: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
REPLICATION = 0.0005
LATE_REPLICATION = 2.0
UNTIL_STEPDOWN = 0.5
DUPLICATE_KEY = 11_000


@dataclass(slots=True)
class Matched:
    """What a driver says of an update."""

    matched_count: int


class Found(list[Document], AbstractContextManager["Found"]):
    """What a driver returns as a cursor."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def to_list(self) -> list[Document]:
        """Return all documents."""
        return list(self)


class Collection:
    """Stands for `pymongo.collection.Collection`.

    Args:
        name: of the collection.
        replicas: have it.
        options: of the connection.
    """

    def __init__(self, name: str, replicas: ReplicaSet, options: Mapping[str, Any]) -> None:
        self.name = name
        self.codec_options = OPTIONS
        self._replicas = replicas
        self._network = replicas.network
        self._waits = options.get("w") == "majority"
        self._reads_majority = options.get("readConcernLevel") == "majority"

    def find(
        self,
        query: Mapping[str, Any],
        projection: Mapping[str, Any] | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        **_: object,
    ) -> Found:
        """Return documents."""
        documents = self._read(query)
        for name, direction in reversed(sort):
            documents.sort(key=lambda each: place(each, name), reverse=direction < 0)
        chosen = documents[:limit] if limit else documents
        return Found(_copy(projected(each, projection)) for each in chosen)

    def find_one(
        self,
        query: Mapping[str, Any],
        projection: Mapping[str, Any] | None = None,
        *,
        sort: Sequence[tuple[str, int]] = (),
        **_: object,
    ) -> Document | None:
        """Return a document."""
        found = self.find(query, projection, sort=sort, limit=1)
        return found[0] if found else None

    def count_documents(self, query: Mapping[str, Any]) -> int:
        """Count documents."""
        return len(self._read(query))

    def insert_one(self, document: Document, **_: object) -> None:
        """Insert a document."""
        is_taken = False

        def insert(lag: float) -> list[Write]:
            nonlocal is_taken
            is_taken = document["_id"] in self._latest()
            return [] if is_taken else [self._replicas.put(self.name, None, _copy(document), lag)]

        try:
            self._write(f"add {self.name} {document['_id'][-6:]}", insert)
        except WTimeoutError:
            if not is_taken:
                raise
        if is_taken:
            raise DuplicateKeyError("E11000", DUPLICATE_KEY, {"keyPattern": {"_id": 1}})

    def update_one(
        self, query: Mapping[str, Any], update: Mapping[str, Any], **_: object
    ) -> Matched:
        """Update a document."""
        doing = ""
        if self._network.is_told:
            doing = f"update {self.name} {_id_in(query)[-6:]}: {' '.join(_fields_of(update))}"
        return Matched(len(self._write(doing, lambda lag: self._update(query, update, lag))))

    def update_many(
        self, query: Mapping[str, Any], update: Mapping[str, Any], **_: object
    ) -> Matched:
        """Update documents, one after the other."""
        names = [each["_id"] for each in self._latest().values() if is_match(each, query)]
        return Matched(self._several([({**query, "_id": each}, update) for each in names]))

    def bulk_write(self, updates: Sequence[UpdateOne], **_: object) -> None:
        """Update documents, one after the other."""
        self._several([(each._filter, each._doc) for each in updates])  # noqa: SLF001 - has no accessor

    def _several(self, updates: Sequence[tuple[Mapping[str, Any], Any]]) -> int:
        """Update documents one after the other; others may write in between."""
        writes: list[Write] = []

        def update_all(lag: float) -> list[Write]:
            for number, (query, update) in enumerate(updates):
                if number:
                    self._network.loop.pause(REPLICATION)
                writes.extend(self._update(query, update, lag))
            return writes

        ids = {_id_in(query)[-6:]: None for query, _ in updates}
        self._write(f"remove what is confirmed from {self.name} {' '.join(ids)}", update_all)
        return len(writes)

    def _read(self, query: Mapping[str, Any]) -> list[Document]:
        if self._network.leave("read", f"read {self.name}") == "refused":
            self._network.tell(f"cannot read {self.name}")
            raise AutoReconnect("simulated")
        documents = self._replicas.documents(self.name, is_majority=self._reads_majority)
        if isinstance(identifier := query.get("_id"), str):
            documents = {identifier: documents[identifier]} if identifier in documents else {}
        return [each for each in documents.values() if is_match(each, query)]

    def _update(
        self, query: Mapping[str, Any], update: Mapping[str, Any], lag: float
    ) -> list[Write]:
        latest = self._latest()
        identifier = query.get("_id")
        candidates: Iterable[Document] = latest.values()
        if isinstance(identifier, str):
            candidates = [latest[identifier]] if identifier in latest else []
        for document in candidates:
            if is_match(document, query):
                after = _copy(updated(document, update))
                return [self._replicas.put(self.name, document, after, lag)]
        return []

    def _write(self, doing: str, work: Callable[[float], list[Write]]) -> list[Write]:
        fault = self._network.leave("write", doing)
        if fault == "refused":
            self._network.tell(f"cannot {doing}")
            raise AutoReconnect("simulated")
        writes = work(LATE_REPLICATION if fault in _LATE else REPLICATION)
        self._network.tell(f"does {doing}" if writes else f"finds nothing to {doing}")
        if fault == "stepped down":
            self._network.loop.pause(UNTIL_STEPDOWN)  # others may see the write meanwhile
            self._replicas.step_down()
        if fault == "not replicated":
            raise WTimeoutError("simulated")
        if self._waits:
            self._wait_for_majority(writes)
        if fault == "killed after":
            self._network.kill("before the answer")
        if fault == "reply lost":
            self._network.tell("does not get the answer")
            raise (NetworkTimeout if len(writes) % 2 else AutoReconnect)("simulated")
        return writes

    def _wait_for_majority(self, writes: Sequence[Write]) -> None:
        """Wait until a majority has all that is written, by others too.

        A write that changes nothing waits as well, as a server makes it: what it has seen is then
        what a majority has.
        """
        store, loop = self._replicas, self._network.loop
        term = store.term
        if store.lag_until > loop.now:
            loop.pause(store.lag_until - loop.now)
        if store.term != term or any(each.is_undone for each in writes):
            raise NotPrimaryError("simulated")

    def _latest(self) -> Mapping[str, Document]:
        return self._replicas.documents(self.name, is_majority=False)


_LATE = {"replicated late", "not replicated", "stepped down"}


class Database:
    """Stands for `pymongo.database.Database`."""

    def __init__(self, name: str, replicas: ReplicaSet, options: Mapping[str, Any]) -> None:
        self.name = name
        self._replicas = replicas
        self._options = options

    def __getitem__(self, name: str) -> Collection:
        return Collection(name, self._replicas, self._options)


def _copy(document: Document) -> Document:
    """Return a document as it is after its way through BSON."""
    return bson.decode(bson.encode(document, codec_options=OPTIONS), OPTIONS)


def _id_in(query: Mapping[str, Any]) -> str:
    identifier = query.get("_id")
    if isinstance(identifier, Mapping):
        identifier = " ".join(each[-6:] for each in identifier.get("$in", ()))
    return str(identifier or "")


def _fields_of(update: Mapping[str, Any]) -> Iterable[str]:
    return dict.fromkeys(name for each in update.values() for name in each)
