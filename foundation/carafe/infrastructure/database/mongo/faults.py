"""MongoDB's failures, told in our own words."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from bson.errors import InvalidBSON
from pymongo.errors import (
    BulkWriteError,
    ClientBulkWriteException,
    ConfigurationError,
    ConnectionFailure,
    EncryptionError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from carafe.infrastructure.errors import DocumentUnreadable, StoreLoginRefused, StoreUnavailable

# The write may or may not have applied: the reply was lost, late, or speaks of replication.
OUTCOME_UNKNOWN = (ConnectionFailure, ExecutionTimeout, WriteConcernError, WTimeoutError)

# Codes by which a server says that it cannot work now, rather than that we asked wrongly. First
# those that a driver takes for retryable (retryable reads and writes, MongoDB's specifications):
# a node that is not primary, steps or shuts down, loses its connections, or has no time left.
_NOT_NOW = frozenset({6, 7, 89, 91, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436})
_NOT_NOW |= {
    43,  # CursorNotFound: the server that had it is another one, or was restarted
    50,  # MaxTimeMSExpired
    175,  # QueryPlanKilled: an index or a collection changed under the query
    237,  # CursorKilled
    14031,  # OutOfDiskSpace
    8000,  # AtlasError, such as an exceeded quota
}

_INVALID = 121  # DocumentValidationFailure

_LOGIN_REFUSED = 18  # AuthenticationFailed
_ATLAS_ERROR = 8000  # any error of Atlas; only the message says which: "bad auth", a quota, …
_ATLAS_LOGIN_REFUSED = re.compile(r"\bauth(entication)?\b", re.IGNORECASE)


class store_faults:  # noqa: N801 - named like `contextlib.suppress`
    """Raise StoreUnavailable for what is the store's fault; let our own mistakes through.

    A reply with a value that Python cannot hold, such as a date beyond the year 9999, raises
    DocumentUnreadable.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, _kind: object, error: BaseException | None, _traceback: object
    ) -> Literal[False]:
        if isinstance(error, InvalidBSON):
            raise DocumentUnreadable(
                "A stored document has a value that cannot be read."
            ) from error
        if not isinstance(error, PyMongoError):
            return False
        if _is_login_refused(error):
            raise StoreLoginRefused("The database refuses our login.") from error
        if is_the_stores(error):
            raise StoreUnavailable("The database did not answer in time; try again.") from error
        return False


def _is_login_refused(error: PyMongoError) -> bool:
    codes = list(_codes_of(error))
    if _ATLAS_ERROR in codes and _ATLAS_LOGIN_REFUSED.search(str(error)):
        return True
    return _LOGIN_REFUSED in codes


def is_the_stores(error: PyMongoError) -> bool:
    """Return whether the store failed, rather than we asked for something impossible."""
    if isinstance(error, (*OUTCOME_UNKNOWN, ConfigurationError)) or error.timeout:
        return True
    causes = [cause for cause in _causes_of(error) if isinstance(cause, PyMongoError)]
    if _is_replication_unknown(error) or any(map(is_the_stores, causes)):
        return True
    return any(code in _NOT_NOW for code in _codes_of(error))


def _causes_of(error: PyMongoError) -> list[object]:
    """Return the errors that another one only wraps."""
    if isinstance(error, EncryptionError):
        return [error.cause]
    return [error.error] if isinstance(error, ClientBulkWriteException) else []


def _is_replication_unknown(error: PyMongoError) -> bool:
    """Return whether a bulk of writes applied, but perhaps on one node alone."""
    if not isinstance(error, BulkWriteError | ClientBulkWriteException):
        return False
    return bool(error.details.get("writeConcernErrors"))


def _codes_of(error: PyMongoError) -> Iterator[object]:
    """Yield the server's codes in an error: that of a bulk itself says nothing of its writes."""
    if isinstance(error, OperationFailure):
        yield error.code
    if isinstance(error, BulkWriteError | ClientBulkWriteException):
        for each in error.details.get("writeErrors") or ():
            yield each.get("code") if isinstance(each, Mapping) else each.code


def ids_of_invalid(error: WriteError | BulkWriteError) -> list[str] | None:
    """Return the ids of the documents that their collection's validator refused.

    Args:
        error: of updates by id.

    Returns:
        None if anything else failed; an empty list if the error does not say which document.
    """
    if isinstance(error, WriteError):
        return [] if error.code == _INVALID else None
    faults = error.details["writeErrors"]
    if error.details["writeConcernErrors"] or any(each["code"] != _INVALID for each in faults):
        return None
    return [each["op"]["q"]["_id"] for each in faults]
