"""What each 1.x has stored, later code reads, relays, calls, leads to its end, and deletes."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from carafe.contracts.base import CommandResult
from carafe.domain.errors import NotFound
from carafe.domain.process_state import ProcessStatus
from carafe.domain.steps import StepStatus
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.errors import CommandMismatch
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.examples import NOON
from carafe.testing.inbound import a_delivery
from tests.support.golden import contracts as con
from tests.support.golden import library as lib
from tests.support.golden.values import MARIA, QUESTIONS, a_context, a_loan, told
from tests.support.golden.versions import Golden
from tests.support.golden.world import Library

MINUTE = timedelta(minutes=1)


def test_every_attribute_is_read(library: Library) -> None:
    loan, expected = library.loan("loan-open"), a_loan("loan-open")
    for name in (
        *("member", "book", "condition", "opened_at", "way", "fines", "weight", "cover"),
        *("is_renewable", "days", "note"),
    ):
        assert getattr(loan, name) == getattr(expected, name), name
    assert library.loan("loan-asking").way == lib.Desk(number=7)
    assert isinstance(loan.book, UUID)
    assert str(loan.fines[0].amount) == "1.10"


def test_what_is_pending_is_relayed_in_order_and_as_it_was(
    library: Library, golden: Golden
) -> None:
    """Events, commands to other services and to the service itself: byte by byte."""
    pending = golden.document("loan-asking")["pending"]
    library.relay("loans", "loan-asking")
    assert library.document("loan-asking")["pending"] == []
    assert "pending_since" not in library.document("loan-asking")
    to_bus = [each for each in pending if each.get("to") != "queue"]
    assert library.published() == [
        ({"message_id": envelope_of(each)["id"], "type": each["type"]}, each["body"])
        for each in to_bus
    ]
    (queued,) = (each["body"] for each in pending if each.get("to") == "queue")
    assert library.execute(queued) == []
    assert library.loan("loan-asking").fines[-1].amount == Decimal("1.50")


def test_an_outbox_that_was_parked_is_shown_and_goes_on_once_it_is_mended(
    library: Library,
) -> None:
    store = library.container.outbox_stores["loans"]
    assert store.parked() == ["loan-unsendable"]
    library.relay("loans", "loan-unsendable")
    assert library.published() == []
    collection = library.container.database["loans"]
    collection.update_one({"_id": "loan-unsendable"}, {"$set": {"pending.0.body": "{}"}})
    store.take_up("loan-unsendable")
    library.relay("loans", "loan-unsendable")
    assert [body for _, body in library.published()] == ["{}"]


def test_a_command_that_was_handled_is_not_handled_again(library: Library) -> None:
    loans = library.container.repository(lib.Loan)

    def refuse(_loan: lib.Loan) -> None:
        raise AssertionError("applied again")

    first = change(loans, "loan-asking", a_context("remind"), refuse)
    assert first == CommandResult(id="loan-asking", version=2)
    assert first.repeated
    assert loans.add(a_loan("loan-open"), a_context("open loan-open")).repeated
    other = a_context("remind")
    with pytest.raises(CommandMismatch):
        change(loans, "loan-asking", type(other)(other.command_id, "x", MARIA, "c"), refuse)


def test_a_timer_calls_once_and_a_recurring_one_again_and_again(library: Library) -> None:
    library.call_timers("loan-open", later=11 * MINUTE)
    loan = library.loan("loan-open")
    assert (loan.reminders, [each.id for each in loan.timers]) == (
        1,
        ["loan_due:final", "stocktaking"],
    )
    library.call_timers("loan-open", later=timedelta(days=1))
    loan = library.loan("loan-open")
    (again,) = (each for each in loan.timers if each.id == "stocktaking")
    assert (loan.note, again.due - NOON) == ("seen", timedelta(days=1, hours=17))
    library.call_timers("loan-open", later=timedelta(days=14))
    assert library.loan("loan-open").reminders == 2


def test_a_sweep_finds_the_timers_that_are_due_unless_they_are_claimed(library: Library) -> None:
    store = library.container.timer_stores["loans"]
    at = NOON + 10 * MINUTE + timedelta(seconds=5)
    assert store.due_until(at, at, 10, None) == []
    later = at + MINUTE + MINUTE
    due = [each.id for each in store.due_until(later, later, 10, None)]
    assert due == ["loan-asking", "loan-open", "loan-unsendable", "loan-failing"]


def test_a_timer_that_failed_goes_on_counting_and_a_parked_one_waits_for_a_person(
    library: Library,
) -> None:
    library.call_timers("loan-failing", "loan-parked-timer", later=12 * MINUTE)
    (failing,) = (each for each in library.loan("loan-failing").timers if each.id == "loan_due")
    assert (failing.failures, failing.again_at) == (2, NOON + 13 * MINUTE)
    (parked,) = library.container.timer_stores["loans"].parked(10, None)
    assert (parked.id, library.container.timer_stores["loans"].parked_count()) == (
        "loan-parked-timer",
        1,
    )
    (timer,) = (each for each in parked.timers if each.parking)
    assert timer.parking is not None
    assert (timer.failures, timer.parking.code, timer.parking.detail) == (
        4,
        "refusing",
        "Not now.",
    )

    def move(loan: lib.Loan) -> None:
        loan.note = None
        loan.set_timer(lib.LoanDue, MINUTE, at=library.clock())

    loans = library.container.repository(lib.Loan)
    change(loans, "loan-parked-timer", a_context("move"), move)
    library.call_timers("loan-parked-timer", later=2 * MINUTE)
    assert library.loan("loan-parked-timer").reminders == 1


def test_a_tombstone_relays_its_events_and_remembers_its_commands(library: Library) -> None:
    loans = library.container.repository(lib.Loan)
    for identifier in ("loan-deleted", "loan-drained"):
        with pytest.raises(NotFound):
            loans.get(identifier)
        assert loans.add(a_loan(identifier), a_context(f"open {identifier}")).repeated
    library.relay("loans", "loan-deleted", "loan-drained")
    assert len(library.published()) == 1
    assert library.document("loan-deleted")["expires_at"] > NOON


def test_pages_go_on_behind_a_cursor(library: Library, golden: Golden) -> None:
    loans = library.container.repository(lib.Loan)
    for name, cursor in golden.read("answers")["cursors"].items():
        criteria, order = QUESTIONS[name]
        everything = [each.id for each in loans.find(*criteria, order=order).items]
        rest = [each.id for each in loans.find(*criteria, order=order, cursor=cursor).items]
        assert rest == everything[2:], name


def about(contract: type[con.CardBlockedV1] | type[con.LetterSentV1], member: str) -> Delivery:
    return a_delivery(told(contract, f"later {member}", member=member))


def test_a_process_goes_on_to_its_end(library: Library) -> None:
    library.settle(about(con.CardBlockedV1, "running"), about(con.LetterSentV1, "running"))
    reminding = library.reminding("running")
    assert reminding.status is ProcessStatus.COMPLETED
    pending = library.document(reminding.id, lib.Reminding)["pending"]
    assert [each["type"] for each in pending] == [
        con.BlockCardV1.wire_type,
        con.SendReminderV1.wire_type,
    ]


def test_a_process_goes_back_by_its_deadline_and_a_stuck_one_by_hand(library: Library) -> None:
    reminding = library.reminding("undoing")
    assert reminding.status is ProcessStatus.UNDOING
    library.clock.advance(timedelta(hours=3))
    nudge = f'{{"timers_of":["{reminding.id}"],"collection":"remindings"}}'
    assert library.execute(nudge) == []
    assert library.reminding("undoing").status is ProcessStatus.STUCK
    assert library.container.stuck_processes() == 2

    def resume(process: lib.Reminding) -> None:
        process.resume(at=library.clock(), is_undone_by_hand=True)

    remindings = library.container.repository(lib.Reminding)
    change(remindings, lib.reminding_id("stuck"), a_context("resume"), resume)
    assert library.reminding("stuck").status is ProcessStatus.UNDONE


def test_a_process_knows_its_steps_and_ignores_what_comes_after_its_end(library: Library) -> None:
    process = library.reminding("completed")
    assert [(each.name, each.status) for each in process.step_records] == [
        ("blocking", StepStatus.DONE),
        ("sending", StepStatus.DONE),
    ]
    assert library.settle(about(con.LetterSentV1, "completed")).handled == 1
    assert library.reminding("completed").status is ProcessStatus.COMPLETED
