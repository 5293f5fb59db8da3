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

from carafe.infrastructure.database.mongo.faults import store_faults
from carafe.infrastructure.errors import DocumentUnreadable, StoreLoginRefused, StoreUnavailable


def bulk(codes: list[int], *, concerns: list[dict[str, Any]] | None = None) -> BulkWriteError:
    errors = [{"index": 0, "code": code, "errmsg": "", "op": {}} for code in codes]
    return BulkWriteError({"writeErrors": errors, "writeConcernErrors": concerns or []})


def client_bulk(**details: Any) -> ClientBulkWriteException:  # noqa: ANN401 - the driver's
    empty: dict[str, Any] = {"error": None, "writeErrors": [], "writeConcernErrors": []}
    return ClientBulkWriteException(empty | details, verbose=False)


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
    with pytest.raises(StoreUnavailable), store_faults():
        raise error


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
    with pytest.raises(StoreLoginRefused), store_faults():
        raise error


def test_another_error_of_atlas_refuses_no_login() -> None:
    error = OperationFailure("you are over your space quota, writing to shop.authors", 8000)
    with pytest.raises(StoreUnavailable) as raised, store_faults():
        raise error
    assert not isinstance(raised.value, StoreLoginRefused)


def test_a_value_that_python_cannot_hold_is_a_damaged_document() -> None:
    with pytest.raises(DocumentUnreadable), store_faults():
        raise InvalidBSON("year 27328 is out of range")
