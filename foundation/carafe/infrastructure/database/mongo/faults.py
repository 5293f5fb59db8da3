"""MongoDB's failures, told in our own words."""

from typing import Literal

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

from carafe.infrastructure.errors import StoreLoginRefused, StoreUnavailable

# The write may or may not have applied: the reply was lost, late, or speaks of replication.
OUTCOME_UNKNOWN = (ConnectionFailure, ExecutionTimeout, WriteConcernError, WTimeoutError)

# Codes by which a server says that it cannot work now, rather than that we asked wrongly:
# stepping down, shutting down, not primary, disk full (OutOfDiskSpace), too busy.
_NOT_NOW = frozenset({89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031})

# AuthenticationFailed, and what Atlas says instead.
_LOGIN_REFUSED = frozenset({18, 8000})


class store_faults:  # noqa: N801 - named like `contextlib.suppress`
    """Raise StoreUnavailable for what is the store's fault; let our own mistakes through."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: object
    ) -> Literal[False]:
        if isinstance(error, OperationFailure) and error.code in _LOGIN_REFUSED:
            raise StoreLoginRefused("The database refuses our login.") from error
        if isinstance(error, PyMongoError) and is_the_stores(error):
            raise StoreUnavailable("The database did not answer in time; try again.") from error
        return False


def is_the_stores(error: PyMongoError) -> bool:
    """Return whether the store failed, rather than we asked for something impossible."""
    if isinstance(error, (*OUTCOME_UNKNOWN, ConfigurationError)) or error.timeout:
        return True
    return isinstance(error, OperationFailure) and error.code in _NOT_NOW
