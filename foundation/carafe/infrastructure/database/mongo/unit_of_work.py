"""For the rare command that must change two aggregates at once: one transaction.

Most commands change one aggregate, and need none of this: their one write is atomic. A
transaction costs about half the throughput, needs a replica set, and couples what it joins.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pymongo import MongoClient
from pymongo.client_session import ClientSession

from carafe.infrastructure.database.repository import Nudge
from carafe.infrastructure.database.retries import repeated_on_stale

from .faults import store_faults
from .mongo_repository import MongoRepository

R = TypeVar("R")
Repo = TypeVar("Repo", bound="MongoRepository[Any]")


class UnitOfWork:
    """One transaction in progress.

    Args:
        session: the transaction's.
    """

    def __init__(self, session: ClientSession) -> None:
        self._session = session
        self.nudges: list[tuple[str, str, datetime | None]] = []

    def within(self, repository: Repo) -> Repo:
        """Return a repository whose reads and writes belong to this transaction."""
        return repository.within(self._session, self._nudge_later)

    def _nudge_later(
        self, collection: str, identifier: str, due: datetime | None = None, /
    ) -> None:
        self.nudges.append((collection, identifier, due))


def in_one_transaction(
    client: MongoClient[Any], nudge: Nudge, work: Callable[[UnitOfWork], R]
) -> R:
    """Commit everything that the work writes, or nothing of it.

    Args:
        client: of the database.
        nudge: called after the commit, for each aggregate that left events, or set a timer that
            is due soon.
        work: reads and writes through `UnitOfWork.within`; called again, on the new state,
            when somebody else was faster, so that it must have no other effects.

    Raises:
        StaleVersion: others were faster every time.
    """

    def once() -> R:
        with store_faults(), client.start_session() as session:
            done: list[UnitOfWork] = []

            def attempt(session: ClientSession) -> R:
                done.append(UnitOfWork(session))
                return work(done[-1])

            result = session.with_transaction(attempt)
        for each in done[-1].nudges:
            nudge(*each)
        return result

    return repeated_on_stale(once)
