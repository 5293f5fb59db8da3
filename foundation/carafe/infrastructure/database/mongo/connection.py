"""The connection to MongoDB, whose options make what the other modules promise come true."""

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from carafe.infrastructure.settings import Settings

# The ladder of timeouts: each rung ends before the one above it gives up.
SERVER_SELECTION_MS = 3_000
OPERATION_MS = 5_000


def connected_database(settings: Settings) -> Database[dict[str, Any]]:
    """Return the database; writes are acknowledged, and reads confirmed, by a majority.

    What is set here counts for more than the same option of MONGO_URI.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongo_uri,
        appname=settings.service_name,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        # A read that a failover could take back would let the relay announce a phantom.
        readConcernLevel="majority",
        # A secondary may not have yet what the same caller has just written. The two options
        # that MONGO_URI may have beside this one are only for other read preferences.
        readPreference="primary",
        readPreferenceTags="",
        maxStalenessSeconds=-1,
        serverSelectionTimeoutMS=SERVER_SELECTION_MS,
        timeoutMS=OPERATION_MS,
    )
    return client[settings.mongo_database]
