"""Databases of tests, each prepared once and emptied for later tests.

To make collections and indexes costs MongoDB ten times what most tests do in them.
"""

import secrets
from collections import deque
from contextlib import suppress
from typing import Any

import pymongo
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError

from carafe.infrastructure.container import Container

RESTING = 4
"""A database is not used again before so many others: what a killed process had begun is over."""

EMPTYING_SECONDS = 5
"""A transaction that a test left open keeps its documents for longer."""

Schema = dict[str, tuple[Any, ...]]


class Databases:
    """Prepared databases of one service; `close` drops all.

    Args:
        uri: of the MongoDB.
    """

    def __init__(self, uri: str) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(uri)
        self._schemas: dict[str, Schema] = {}
        self._free: deque[str] = deque()

    def name(self) -> str:
        """Return the name of an empty database for one test: it is prepared, or new."""
        if len(self._free) > RESTING:
            return self._free.popleft()
        return f"test-{secrets.token_hex(4)}"

    def prepare(self, container: Container[Any]) -> None:
        """Make the collections and indexes of a service's database, unless it has them."""
        name = container.database.name
        if name not in self._schemas:
            container.prepare_database()
            self._schemas[name] = _schema_of(self._client[name])

    def give_back(self, name: str) -> None:
        """Empty a database for a later test; drop it if the test has changed more than documents.

        One that cannot be emptied is left alone until the end.

        Raises:
            PyMongoError: the server does not answer.
        """
        if _schema_of(self._client[name]) != self._schemas[name]:
            del self._schemas[name]
            self._client.drop_database(name)
        elif _is_emptied(self._client[name]):
            self._free.append(name)

    def close(self) -> None:
        """Drop all databases."""
        # A server that no longer answers, or a document that is still held, is no fault of a test.
        with self._client, suppress(PyMongoError), pymongo.timeout(EMPTYING_SECONDS):
            for name in self._schemas:
                self._client.drop_database(name)


def _schema_of(database: Database[dict[str, Any]]) -> Schema:
    return {
        each["name"]: (each["options"], list(database[each["name"]].list_indexes()))
        for each in database.list_collections()
    }


def _is_emptied(database: Database[dict[str, Any]]) -> bool:
    """Delete all documents; return whether that was possible in time."""
    names = database.list_collection_names()
    try:
        with pymongo.timeout(EMPTYING_SECONDS):
            for name in names:
                database.get_collection(name, write_concern=WriteConcern(1)).delete_many({})
            if names:  # this waits until all of it has come about for every reader
                majority = WriteConcern("majority")
                database.get_collection(names[-1], write_concern=majority).delete_many({})
    except PyMongoError:
        return False
    return True
