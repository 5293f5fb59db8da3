"""How confirmed events leave their documents, and what the driver's errors change about it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, BulkWriteError, NetworkTimeout, WriteError

from carafe.infrastructure.database.mongo.outbox_removal import TOMBSTONE_SECONDS, OutboxRemoval
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.identifiers import now
from tests.support.observed_collection import ObservedCollection, nothing, raising

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DELETED = datetime(2026, 1, 2, tzinfo=UTC)
INVALID = 121


class Orders(ObservedCollection):
    """A collection whose first writes of many documents fail.

    Args:
        errors: of each of these writes; None lets one through.
    """

    def __init__(self, *errors: Exception | None) -> None:
        super().__init__("orders")
        happenings = [raising(each) if each else nothing for each in errors]
        self.before("update_many", *happenings[:1])
        self.before("bulk_write", *happenings[1:])

    @property
    def writes(self) -> list[str]:
        """The names of the writes of many documents."""
        return [each for each in self.notes.names if each in ONE_BY_ONE]

    def put(self, identifier: str, *event_ids: str, **fields: Any) -> None:  # noqa: ANN401 - any value
        """Store a document with pending events."""
        pending = [{"id": each, "sequence": 1} for each in event_ids]
        self.insert_one(
            {"_id": identifier, "version": 3, "pending": pending, "pending_since": SINCE, **fields}
        )


def remove(orders: Orders, **event_ids: list[str]) -> None:
    OutboxRemoval(orders)(event_ids)  # type: ignore[arg-type]


ALL_AT_ONCE = ["update_many"]
ONE_BY_ONE = [*ALL_AT_ONCE, "bulk_write"]


def drained(identifier: str) -> dict[str, Any]:
    return {"_id": identifier, "version": 3, "pending": []}


def test_documents_without_further_events_are_drained_by_one_command() -> None:
    orders = Orders()
    orders.put("a", "1", "2")
    orders.put("b", "3")
    orders.put("c", "4")
    remove(orders, a=["1", "2"], b=["3"])
    assert [orders.document("a"), orders.document("b")] == [drained("a"), drained("b")]
    assert orders.document("c")["pending"] == [{"id": "4", "sequence": 1}]
    assert orders.document("c")["pending_since"] == SINCE
    assert orders.writes == ALL_AT_ONCE


def test_further_events_stay_and_so_does_their_mark() -> None:
    orders = Orders()
    orders.put("a", "1", "2", "3")
    orders.put("b", "4")
    remove(orders, a=["1", "3"], b=["4"])
    assert orders.notes.calls[-1].options == {"ordered": False}, "a refusal stops no other one"
    assert orders.notes.loaded == {"_id"}, "a long outbox is not read again"
    assert orders.document("a") == {
        **drained("a"),
        "pending": [{"id": "2", "sequence": 1}],
        "pending_since": SINCE,
    }
    assert orders.document("b") == drained("b")
    assert orders.writes == ONE_BY_ONE


@pytest.mark.parametrize("event_ids", [["1"], ["1", "2"]])
def test_a_tombstone_goes_some_time_after_it_is_drained(event_ids: list[str]) -> None:
    orders = Orders()
    orders.put("a", "1", deleted_at=DELETED)
    before = now()
    remove(orders, a=event_ids)
    document = orders.document("a")
    stays = timedelta(seconds=TOMBSTONE_SECONDS)
    assert before + stays <= document.pop("expires_at") <= now() + stays
    assert document == {**drained("a"), "deleted_at": DELETED}
    assert orders.writes == ONE_BY_ONE


def test_a_tombstone_stays_for_a_week() -> None:
    assert timedelta(seconds=TOMBSTONE_SECONDS) == timedelta(days=7)


def test_a_tombstone_with_further_events_does_not_go() -> None:
    orders = Orders()
    orders.put("a", "1", "2", deleted_at=DELETED)
    remove(orders, a=["1"])
    assert orders.document("a")["pending"] == [{"id": "2", "sequence": 1}]
    assert orders.document("a")["pending_since"] == SINCE
    assert "expires_at" not in orders.document("a")


def test_a_document_that_another_relay_has_drained_is_left_alone() -> None:
    orders = Orders()
    orders.insert_one({**drained("a"), "deleted_at": DELETED})
    remove(orders, a=["1"], b=["2"])
    assert orders.document("a") == {**drained("a"), "deleted_at": DELETED}
    assert orders.writes == ALL_AT_ONCE


def test_where_one_is_invalid_the_others_are_drained_one_by_one() -> None:
    orders = Orders(WriteError("invalid", INVALID))
    orders.put("a", "1")
    orders.put("b", "2", deleted_at=DELETED)
    orders.put("c", "3", "4")
    remove(orders, a=["1"], b=["2"], c=["3"])
    assert orders.document("a") == drained("a")
    assert orders.document("b")["pending"] == []
    assert orders.document("c")["pending"] == [{"id": "4", "sequence": 1}]
    assert orders.writes == ONE_BY_ONE


@pytest.mark.parametrize("fields", [{}, {"deleted_at": DELETED}])
def test_where_there_is_but_one_it_is_seen_to_by_itself(fields: dict[str, Any]) -> None:
    orders = Orders(WriteError("invalid", INVALID))
    orders.put("a", "1", **fields)
    remove(orders, a=["1"])
    assert orders.document("a")["pending"] == []


def of_writes(*codes: int, concerns: Sequence[object] = ()) -> BulkWriteError:
    faults = [{"code": each, "op": {"q": {"_id": f"invalid-{each}"}}} for each in codes]
    return BulkWriteError({"writeErrors": faults, "writeConcernErrors": list(concerns)})


def test_invalid_documents_keep_their_events_and_are_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    orders = Orders(None, of_writes(INVALID))
    orders.put("a", "1", deleted_at=DELETED)
    remove(orders, a=["1"])
    (record,) = caplog.records
    assert (record.levelname, vars(record)["ids"]) == ("ERROR", ["invalid-121"])


OTHER_FAULT = WriteError("no such operator", 9)


@pytest.mark.parametrize(
    "errors",
    [
        [OTHER_FAULT],
        [None, OTHER_FAULT],
        [None, of_writes(INVALID, 9)],
        [None, of_writes(9)],
    ],
)
def test_what_else_is_refused_is_our_fault(errors: list[Exception | None]) -> None:
    orders = Orders(*errors)
    orders.put("a", "1", deleted_at=DELETED)
    with pytest.raises((WriteError, BulkWriteError)) as raised:
        remove(orders, a=["1"])
    assert raised.value is errors[-1]


def test_a_single_invalid_document_is_noted_too(caplog: pytest.LogCaptureFixture) -> None:
    orders = Orders(None, WriteError("invalid", INVALID))
    orders.put("a", "1", deleted_at=DELETED)
    remove(orders, a=["1"])
    assert [each.levelname for each in caplog.records] == ["ERROR"]


@pytest.mark.parametrize("errors", [[AutoReconnect("")], [None, AutoReconnect("")]])
def test_when_the_connection_breaks_all_is_done_once_more(
    errors: list[Exception | None],
) -> None:
    orders = Orders(*errors)
    orders.put("a", "1")
    orders.put("b", "2", "3")
    remove(orders, a=["1"], b=["2"])
    assert orders.document("a") == drained("a")
    assert orders.document("b")["pending"] == [{"id": "3", "sequence": 1}]
    assert orders.writes == ONE_BY_ONE[: len(errors)] + ONE_BY_ONE


@pytest.mark.parametrize("errors", [[NetworkTimeout("")], [AutoReconnect(""), AutoReconnect("")]])
def test_a_store_that_stays_away_is_not_asked_for_ever(errors: list[Exception]) -> None:
    orders = Orders()
    orders.before("update_many", *map(raising, errors))
    orders.put("a", "1")
    with pytest.raises(StoreUnavailable):
        remove(orders, a=["1"])
    assert orders.writes == ["update_many"] * len(errors)
    assert orders.document("a")["pending"] == [{"id": "1", "sequence": 1}]
