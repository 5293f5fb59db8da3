"""What a commit writes, and within which transaction."""

from typing import Any
from unittest.mock import ANY

import pytest

from carafe.contracts.base import CommandResult
from carafe.infrastructure.errors import OutboxFull
from carafe.infrastructure.outbox.outbox import MOST_PENDING
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import Nudged
from tests.support.tickets import MARK, SESSION, Coupon, Office, a_ticket, added


@pytest.fixture
def office() -> Office:
    return Office()


def updates(office: Office) -> list[dict[str, Any]]:
    return [each.given[1] for each in office.stored.notes.calls if each.name == "update_one"]


def test_a_new_aggregate_is_one_document(office: Office) -> None:
    ticket, context = a_ticket(), a_context()
    ticket.sell()
    assert office.tickets.add(ticket, context) == CommandResult(id="t-1", version=1)
    assert office.stored.notes.names == ["insert_one"]
    assert office.stored.document("t-1") == {
        "_id": "t-1",
        "version": 1,
        "schema_version": 2,
        "sequence": 1,
        "seat": "A7",
        "status": "booked",
        "guest": "",
        "pending": [{"id": ANY, "type": "theatre.loan.overdue.v1", "sequence": 1, "body": ANY}],
        "pending_since": NOON,
        "handled": [
            {"id": context.command_id, "digest": context.digest, "version": 1, "at": NOON},
        ],
        "_marks": {MARK: True},
    }
    assert office.nudged.nudges == [("tickets", "t-1")]


def test_a_change_sets_the_state_and_appends_the_rest(office: Office) -> None:
    ticket, context = added(office), a_context()
    ticket.guest = "maria"
    ticket.sell()
    assert office.tickets.save(ticket, context) == CommandResult(id="t-1", version=2)
    assert (ticket.version, ticket.sequence, ticket.recorded) == (2, 1, [])
    (update,) = updates(office)
    assert update == {
        "$set": {
            "seat": "A7",
            "status": "booked",
            "guest": "maria",
            "version": 2,
            "sequence": 1,
            f"_marks.{MARK}": True,
        },
        "$push": {
            "handled": {
                "id": context.command_id,
                "digest": context.digest,
                "version": 2,
                "at": NOON,
            },
            "pending": {"$each": [ANY]},
        },
        "$min": {"pending_since": NOON},
    }
    assert office.stored.notes.names == ["update_one"]


def test_a_mark_goes_with_what_it_marks(office: Office) -> None:
    ticket = added(office)
    ticket.status = "cancelled"
    office.tickets.save(ticket, a_context())
    (update,) = updates(office)
    assert update["$unset"] == {f"_marks.{MARK}": ""}
    assert "pending" not in update["$push"]
    office.tickets.add(a_ticket("t-2", status="cancelled"), a_context())
    assert "_marks" not in office.stored.document("t-2")


def test_a_deletion_is_one_write_and_takes_state_and_marks_away(office: Office) -> None:
    ticket = added(office)
    assert office.tickets.delete(ticket, a_context()).version == 2
    (update,) = updates(office)
    assert update["$set"] == {"deleted_at": NOON, "version": 2, "sequence": 0}
    assert update["$unset"].keys() == {"seat", "status", "guest", f"_marks.{MARK}"}
    assert office.stored.notes.names == ["update_one"]


def test_in_a_transaction_all_is_asked_within_it(office: Office) -> None:
    nudged = Nudged()
    bound = office.tickets.within(SESSION, nudged)
    ticket = a_ticket()
    ticket.sell()
    bound.add(ticket, a_context())
    ticket.sell()
    bound.save(ticket, a_context())
    assert [each.session for each in office.stored.notes.calls] == [SESSION] * 2
    assert (nudged.nudges, office.nudged.nudges) == ([("tickets", "t-1")] * 2, [])
    office.tickets.save(ticket, a_context())
    assert office.stored.notes.calls[-1].session is None, "the repository itself is as it was"


def test_in_a_transaction_commands_are_forgotten_and_room_is_looked_for_within_it(
    office: Office,
) -> None:
    coupon = Coupon(id="c-1", value=1)
    bound = office.coupons.within(SESSION, office.nudged)
    bound.add(coupon, a_context())
    for _ in range(149):
        bound.save(coupon, a_context())
    coupon.use(MOST_PENDING)
    bound.save(coupon, a_context())
    coupon.use()
    with pytest.raises(OutboxFull):
        bound.save(coupon, a_context())
    calls = office.stored_coupons.notes.calls
    assert sum("$pull" in each.given[-1] for each in calls if each.name == "update_one") == 2
    assert {each.session for each in calls} == {SESSION}


@pytest.mark.parametrize("count", [1, 3])
def test_whether_there_is_room_is_all_that_is_asked_of_a_full_outbox(
    office: Office, count: int
) -> None:
    coupon = Coupon(id="c-1", value=1)
    coupon.use(MOST_PENDING - count)
    office.coupons.add(coupon, a_context())
    coupon.use(count + 1)
    with pytest.raises(OutboxFull):
        office.coupons.save(coupon, a_context())
    assert office.stored_coupons.notes.calls[-1].given[1] == {"_id": 1}
    del coupon.recorded[0]
    assert office.coupons.save(coupon, a_context()).version == 2
