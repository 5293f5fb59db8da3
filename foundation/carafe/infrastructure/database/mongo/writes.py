"""The writes of a commit, whose outcome may be unknown when the connection breaks."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from carafe.infrastructure.database.bookkeeping import (
    CREATION_VERSION,
    HANDLED_FOR,
    LEAST_HANDLED,
    MOST_HANDLED,
    forgets_after,
)
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.errors import StoreUnavailable

from .faults import OUTCOME_UNKNOWN, store_faults


def insert(
    collection: Collection[Document], document: Document, session: ClientSession | None
) -> None:
    """Insert a document; once more if the outcome is unknown, outside a transaction."""
    try:
        collection.insert_one(document, session=session)
    except OUTCOME_UNKNOWN:
        if session is not None:
            raise  # the transaction fails as a whole
        # Whatever became of it: the second insert applies, or collides with the first.
        collection.insert_one(document)


def is_updated(
    collection: Collection[Document],
    unchanged: Document,
    update: Mapping[str, Any],
    session: ClientSession | None,
) -> bool:
    """Update a document, and return whether it was as expected; once more, as `insert`.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    with store_faults():
        try:
            result = collection.update_one(unchanged, update, session=session)
        except OUTCOME_UNKNOWN:
            if session is not None:
                raise
            # If it did apply, the version no longer matches, and `handled` tells.
            result = collection.update_one(unchanged, update)
    return result.matched_count == 1


def forget_handled(
    collection: Collection[Document],
    identifier: str,
    version: int,
    at: datetime,
    session: ClientSession | None,
) -> None:
    """Forget the commands that `is_forgotten` names, if it is time; never the creation.

    Writes of their own: one update cannot push to a list and pull from it. Nothing is lost when
    they fail, since the document forgets the same commands later.
    """
    if not forgets_after(version):
        return
    behind = {"$gt": CREATION_VERSION, "$lte": version - LEAST_HANDLED}
    old = {"version": behind, "at": {"$lt": at - HANDLED_FOR}}
    surplus = {"version": behind | {"$lte": version - MOST_HANDLED}}
    # In a transaction a fault stands for the whole.
    tolerated = () if session else (StoreUnavailable,)
    with suppress(*tolerated), store_faults():
        for forgotten in (old, surplus):
            update = {"$pull": {"handled": forgotten}}
            collection.update_one({"_id": identifier}, update, session=session)
