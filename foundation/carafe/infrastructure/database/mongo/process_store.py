"""Processes as operators and alarms ask for them, over all instances of a class."""

from collections.abc import Mapping
from typing import Any

from pymongo.collection import Collection

from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.database.codec import Document

from .faults import store_faults


def stuck_count(collection: Collection[Document]) -> int:
    """Return how many processes of a collection are stuck; an index alone answers.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    stuck: Mapping[str, Any] = {"status": ProcessStatus.STUCK.value}
    with store_faults():
        return collection.count_documents(stuck)
