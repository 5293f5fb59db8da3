"""MongoDB's failures, told in our own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

from chalicelib.infrastructure.errors import StoreUnavailable

# The write may or may not have applied: the reply was lost, late, or speaks of replication.
OUTCOME_UNKNOWN = (ConnectionFailure, ExecutionTimeout, WriteConcernError, WTimeoutError)

# Codes by which a server says that it cannot work now, rather than that we asked wrongly:
# stepping down, shutting down, not primary, disk full (OutOfDiskSpace), too busy.
_NOT_NOW = frozenset({89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031})


@contextmanager
def store_faults() -> Iterator[None]:
    """Raise StoreUnavailable for what is the store's fault; let our own mistakes through."""
    try:
        yield
    except PyMongoError as error:
        if not is_the_stores(error):
            raise
        raise StoreUnavailable("The database did not answer in time; try again.") from error


def is_the_stores(error: PyMongoError) -> bool:
    """Tell whether the store failed, rather than we asked for something impossible."""
    if isinstance(error, (*OUTCOME_UNKNOWN, ConfigurationError)) or error.timeout:
        return True
    return isinstance(error, OperationFailure) and error.code in _NOT_NOW
