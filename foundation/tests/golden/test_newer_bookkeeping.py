"""What a later 1.x notes or sends beside the forms of this one is kept, and left in its place."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import WriteError

from carafe.development import outbox
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.infrastructure.outbox.nudges import Nudge, read_nudge
from carafe.testing.inbound import a_delivery
from tests.support.command_runner import CommandRunner
from tests.support.golden import contracts as con
from tests.support.golden import library as lib
from tests.support.golden.values import a_context, told
from tests.support.golden.world import Library

Document = dict[str, Any]

NEWER = {"newer": {"of": "1.1"}}
MARKS = {"views": [1, 2], **NEWER}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def noted(library: Library) -> Library:
    """A later version has noted something in every entry, and beside them."""
    collection = library.container.database["loans"]
    for document in collection.find():
        entries = {
            name: [each | NEWER for each in document[name]]
            for name in ("pending", "timers", "handled")
            if name in document
        }
        collection.update_one({"_id": document["_id"]}, {"$set": {**entries, "_marks": MARKS}})
    return library


def save(library: Library) -> None:
    change(library.container.repository(lib.Loan), "loan-open", a_context("save"), lambda _: None)


def set_a_timer(library: Library) -> None:
    def apply(loan: lib.Loan) -> None:
        loan.set_timer(lib.LoanDue, MINUTE, at=library.clock(), key="other")

    change(library.container.repository(lib.Loan), "loan-open", a_context("set"), apply)


def move_a_timer(library: Library) -> None:
    def apply(loan: lib.Loan) -> None:
        loan.set_timer(lib.LoanDue, MINUTE, at=library.clock())

    change(library.container.repository(lib.Loan), "loan-open", a_context("move"), apply)


def cancel_a_timer(library: Library) -> None:
    def apply(loan: lib.Loan) -> None:
        loan.cancel_timer(lib.LoanDue)

    change(library.container.repository(lib.Loan), "loan-open", a_context("cancel"), apply)


def let_timers_call(library: Library) -> None:
    """One goes, one comes again."""
    library.call_timers("loan-open", later=timedelta(days=1))


def let_a_timer_fail(library: Library) -> None:
    loans = library.container.database["loans"]
    loans.update_one({"_id": "loan-open"}, {"$set": {"note": "refuse"}})
    library.call_timers("loan-open", later=11 * MINUTE)
    assert library.document("loan-open")["timers"][0]["failures"] == 1


def claim(library: Library) -> None:
    store = library.container.timer_stores["loans"]
    at = library.clock() + timedelta(days=2)
    store.claim(dict.fromkeys(store.due_until(at, at, 100, None), at))


def relay(library: Library) -> None:
    library.relay("loans", "loan-open")


def delete(library: Library) -> None:
    loans = library.container.repository(lib.Loan)
    loans.delete(loans.get("loan-open"), a_context("delete"))


def bring_into_form(library: Library) -> None:
    loans = library.container.repository(lib.Loan)
    assert loans.migrate(library.document("loan-open"))


@pytest.mark.parametrize(
    "act",
    [
        save,
        set_a_timer,
        move_a_timer,
        cancel_a_timer,
        let_timers_call,
        let_a_timer_fail,
        claim,
        relay,
        delete,
        bring_into_form,
    ],
)
def test_what_a_later_version_notes_is_kept(noted: Library, act: Callable[[Library], None]) -> None:
    before = noted.document("loan-open")
    act(noted)
    after = noted.document("loan-open")
    assert after["_marks"] == MARKS
    for name in ("pending", "timers", "handled"):
        known = {each["id"] for each in before[name]}
        kept = [each for each in after.get(name, []) if each["id"] in known]
        assert all(each["newer"] == NEWER["newer"] for each in kept), name
    assert len(after["handled"]) >= len(before["handled"])


def test_old_commands_are_forgotten_whatever_a_later_version_noted_of_them(noted: Library) -> None:
    loans = noted.container.repository(lib.Loan)
    loan = loans.get("loan-open")
    for number in range(150):
        loans.save(loan, a_context(f"save {number}"))
    handled = noted.document("loan-open")["handled"]
    assert len(handled) == 151
    assert handled[0]["newer"] == NEWER["newer"]


def test_an_attribute_that_the_form_does_not_have_is_still_refused(library: Library) -> None:
    """The validator guards the state, whatever it lets through beside it."""
    loans = library.container.database["loans"]
    for each in ({"unheard_of": 1}, {"fines.0.unheard_of": 1}, {"_other": 1}, {"_marks": 1}):
        with pytest.raises(WriteError, match="failed validation"):
            loans.update_one({"_id": "loan-open"}, {"$set": each})


# Entries of unknown kinds


def a_newer_entry(library: Library) -> Document:
    """Put an entry that only newer code can send between the first and the second one."""
    entry = {"id": "n-1", "type": "x.y.z.v1", "to": "elsewhere", **NEWER}
    library.container.database["loans"].update_one(
        {"_id": "loan-asking"},
        {"$push": {"pending": {"$each": [entry], "$position": 1}}},
    )
    return entry


def types(library: Library) -> list[str]:
    return [each["type"] for each in library.document("loan-asking")["pending"]]


BEHIND = [
    con.LoanOverdueV1.wire_type,
    con.SendReminderV1.wire_type,
    con.ChargeLoan.wire_name,
]


def test_an_entry_of_an_unknown_kind_keeps_its_place_and_the_order(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    entry = a_newer_entry(library)
    with caplog.at_level(logging.WARNING):
        library.relay("loans", "loan-asking", "loan-open")
    assert len(library.published()) == 2, "what is before it goes, and so do other documents"
    assert "an entry of a newer version waits" in caplog.text
    loans = library.container.repository(lib.Loan)
    change(loans, "loan-asking", a_context("again"), lambda each: each.remind(at=library.clock()))
    assert library.document("loan-asking")["pending"][0] == entry
    assert types(library) == [entry["type"], *BEHIND, *BEHIND]
    library.container.outbox_stores["loans"].remove({"loan-asking": ["n-1"]})  # by newer code
    library.relay("loans", "loan-asking")
    sent = [properties["type"] for properties, _ in library.published()]
    assert (sent, types(library)) == ([*BEHIND[:2], *BEHIND[:2]], [])


def test_a_tombstone_stays_until_newer_code_has_sent_what_it_knows(library: Library) -> None:
    entry = a_newer_entry(library)
    loans = library.container.repository(lib.Loan)
    loans.delete(loans.get("loan-asking"), a_context("delete"))
    library.relay("loans", "loan-asking")
    assert library.document("loan-asking")["pending"][0] == entry
    assert "expires_at" not in library.document("loan-asking")


def test_an_operator_sees_what_only_newer_code_can_send(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "container", lambda: library.container)
    before = CommandRunner().invoke(outbox.outbox, ["status"]).output
    assert "newer:" not in before
    a_newer_entry(library)
    output = CommandRunner().invoke(outbox.outbox, ["status"]).output
    line = next(each for each in output.splitlines() if each.startswith("newer:"))
    assert line == (
        "newer: loans has 1 entries that only newer code can send; they hold back what is behind "
        "them in their aggregates, until it runs again"
    )
    count = next(each for each in before.splitlines() if each.startswith("loans:"))
    assert count in output, "they are no commands"


# Messages


def test_nudges_with_more_fields_are_read(library: Library) -> None:
    assert read_nudge('{"collection":"loans","id":"a","more":1}') == Nudge("loans", "a")
    library.clock.advance(11 * MINUTE)
    body = {"timers_of": ["loan-open"], "collection": "loans", "due": None, **NEWER}
    assert library.execute(json.dumps(body)) == []
    assert library.loan("loan-open").reminders == 1


def test_a_queued_command_with_more_fields_takes_effect(library: Library) -> None:
    body = {
        "id": "c-1",
        "command": con.ChargeLoan.wire_name,
        "subject": "maria",
        "scopes": ["loans:write"],
        "data": {"loan_id": "loan-open", "amount": "2.00"},
        **NEWER,
    }
    assert library.execute(json.dumps(body)) == []
    assert len(library.loan("loan-open").fines) == 2


def test_an_envelope_with_more_attributes_is_handled(library: Library) -> None:
    event = told(con.MemberReportedV1, "e-1", member="somebody", more=1) | NEWER
    assert library.settle(a_delivery(event, newer=b"\x00")) == Settled(handled=1)
