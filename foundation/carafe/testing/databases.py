"""Databases of tests, each prepared once and emptied for later tests."""

from contextlib import suppress
from typing import Any

import pymongo
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError

from carafe.infrastructure.container import Container

from .reuse import Reuse

EMPTYING_SECONDS = 5
"""A transaction that a test left open keeps its documents for longer."""


class Databases(Reuse):
    """Prepared databases of one service; `close` drops all.

    Args:
        uri: of the MongoDB.
    """

    def __init__(self, uri: str) -> None:
        super().__init__()
        self._client: MongoClient[dict[str, Any]] = MongoClient(uri)

    def close(self) -> None:
        """Drop all databases."""
        # A server that no longer answers, or a document that is still held, is no fault of a test.
        with self._client, suppress(PyMongoError), pymongo.timeout(EMPTYING_SECONDS):
            super().close()

    @staticmethod
    def _name_of(container: Container[Any]) -> str:
        return container.database.name

    def _make(self, container: Container[Any]) -> None:
        container.prepare_database()

    def _state_of(self, name: str) -> object:
        database = self._client[name]
        return {
            each["name"]: (each["options"], list(database[each["name"]].list_indexes()))
            for each in database.list_collections()
        }

    def _is_emptied(self, name: str) -> bool:
        return _is_emptied(self._client[name])

    def _refresh(self, name: str) -> None:
        """Do nothing: a database that was emptied stays empty."""

    def _remove(self, name: str) -> None:
        self._client.drop_database(name)


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
