"""Which of the driver's errors are the store's fault, whatever they are wrapped in."""

from typing import Any

import pytest
from bson.errors import InvalidBSON
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ClientBulkWriteException,
    ConfigurationError,
    CursorNotFound,
    DuplicateKeyError,
    EncryptionError,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from carafe.infrastructure.database.mongo.faults import ids_of_invalid, store_faults
from carafe.infrastructure.errors import DocumentUnreadable, StoreLoginRefused, StoreUnavailable


def bulk(codes: list[int], *, concerns: list[dict[str, Any]] | None = None) -> BulkWriteError:
    errors = [{"index": 0, "code": code, "errmsg": "", "op": {}} for code in codes]
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns or []})


def client_bulk(**details: Any) -> ClientBulkWriteException:  # noqa: ANN401 - the driver's
    empty: dict[str, Any] = {"error": None, "writeErrors": [], "writeConcernErrors": []}
    return ClientBulkWriteException(empty | details, verbose=False)


def refused(*ids: str) -> BulkWriteError:
    """Return the error of updates that a collection's validator refused."""
    errors = [{"index": 0, "code": 121, "errmsg": "", "op": {"q": {"_id": each}}} for each in ids]
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": []})


STORES = [
    bulk([10107]),
    bulk([91]),
    bulk([11602, 11000]),
    bulk([121, 189]),
    bulk([], concerns=[{"code": 64, "errmsg": "waiting for replication timed out"}]),
    bulk([], concerns=[{"code": 91, "errmsg": "shutting down"}]),
    bulk([121], concerns=[{"code": 64, "errmsg": "", "errInfo": {"wtimeout": True}}]),
    client_bulk(error=NotPrimaryError("not primary")),
    client_bulk(writeErrors=[WriteError("stepping down", 189)]),
    client_bulk(writeErrors=[{"code": 189}]),
    client_bulk(writeConcernErrors=[WriteConcernError("", 64)]),
    EncryptionError(AutoReconnect("the key vault is away")),
    EncryptionError(EncryptionError(bulk([91]))),
    AutoReconnect(""),
    NetworkTimeout(""),
    NotPrimaryError(""),
    ServerSelectionTimeoutError(""),
    WaitQueueTimeoutError(""),
    WriteConcernError("", 64),
    WTimeoutError("", 64),
    CursorNotFound("cursor id 1 not found", 43),
    OperationFailure("killed", 237),
    OperationFailure("the majority cannot be read yet", 134),
    WriteError("stepping down", 10107),
    ConfigurationError("no such host"),
    OperationFailure("you are over your space quota, writing to shop.authors", 8000),
]

OURS = [
    bulk([121]),
    bulk([11000, 121]),
    bulk([]),
    client_bulk(writeErrors=[WriteError("", 121)]),
    client_bulk(error=InvalidOperation("closed")),
    EncryptionError(ValueError("no key")),
    InvalidOperation("closed"),
    DuplicateKeyError("", 11000),
    OperationFailure("unknown operator", 2),
    ValueError("no error of the driver"),
]


@pytest.mark.parametrize("error", STORES, ids=repr)
def test_what_the_store_cannot_do_now_is_told_as_such(error: Exception) -> None:
    with pytest.raises(StoreUnavailable) as raised, store_faults():
        raise error
    assert raised.value.message == "The database did not answer in time; try again."
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", OURS, ids=repr)
def test_our_own_mistakes_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, store_faults():
        raise error
    assert raised.value is error


ATLAS_LOGIN_REFUSED = [
    OperationFailure("bad auth : Authentication failed.", 8000),
    OperationFailure("bad auth : authentication failed", 8000, {"codeName": "AtlasError"}),
]


@pytest.mark.parametrize("error", [OperationFailure("", 18), *ATLAS_LOGIN_REFUSED])
def test_a_refused_login_is_named(error: Exception) -> None:
    with pytest.raises(StoreLoginRefused) as raised, store_faults():
        raise error
    assert raised.value.message == "The database refuses our login."
    assert raised.value.__cause__ is error


def test_another_error_of_atlas_refuses_no_login() -> None:
    error = OperationFailure("you are over your space quota, writing to shop.authors", 8000)
    with pytest.raises(StoreUnavailable) as raised, store_faults():
        raise error
    assert not isinstance(raised.value, StoreLoginRefused)


def test_a_value_that_python_cannot_hold_is_a_damaged_document() -> None:
    error = InvalidBSON("year 27328 is out of range")
    with pytest.raises(DocumentUnreadable) as raised, store_faults():
        raise error
    assert raised.value.message == "A stored document has a value that cannot be read."
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    ("error", "ids"),
    [
        (WriteError("", 121), []),
        (WriteError("", 11000), None),
        (bulk([]), []),
        (bulk([121, 11000]), None),
        (bulk([121], concerns=[{"code": 64, "errmsg": ""}]), None),
        (refused("a", "b"), ["a", "b"]),
    ],
)
def test_documents_that_a_validator_refused_are_named_if_nothing_else_failed(
    error: WriteError | BulkWriteError, ids: list[str] | None
) -> None:
    assert ids_of_invalid(error) == ids
