"""Exactly what waits in an outbox, and exactly how much of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from carafe.contracts.envelope import CommandContext
from carafe.infrastructure.errors import EventTooLarge, OutboxFull
from carafe.infrastructure.outbox.outbox import (
    LARGEST_EVENT,
    LARGEST_QUEUED,
    MOST_PENDING,
    Outbox,
    PendingEntry,
    destination_of,
    event_count,
    message_id_of,
)
from carafe.testing.contexts import a_context
from tests.support.library import CallBack, CallLoanBack, Loan, LoanOverdue, SendReminder
from tests.support.two_services import contracts

TOLD = contracts("lending", "post")
AT = datetime(2026, 5, 4, 3, 2, 1, 5_000, UTC)


def a_context_of(**attributes: str) -> CommandContext:
    context = a_context(command_id="command-1")
    return msgspec.structs.replace(context, correlation_id="conversation", **attributes)


def entries(loan: Loan, context: CommandContext | None = None) -> list[PendingEntry]:
    ids = iter(f"id-{number}" for number in range(MOST_PENDING))
    outbox = Outbox(
        "lending",
        {LoanOverdue: TOLD.overdue},
        ids.__next__,
        sent={SendReminder: TOLD.outgoing, CallBack: CallLoanBack},
        clock=lambda: AT,
    )
    return outbox.entries(loan, context or a_context_of())


def bodies(made: list[PendingEntry]) -> list[Any]:
    return [json.loads(each["body"]) for each in made]


def a_loan(sequence: int = 0) -> Loan:
    return Loan(id="l-1", reader="maria", sequence=sequence)


COMMON = {
    "specversion": "1.0",
    "source": "/lending",
    "subject": "l-1",
    "datacontenttype": "application/json",
    "correlationid": "conversation",
}


def test_entries_and_bodies_hold_exactly_this() -> None:
    loan = a_loan(sequence=6)
    loan.remind("Hurry.", also="l-2")
    made = entries(loan)
    assert [{name: each[name] for name in each if name != "body"} for each in made] == [
        {"id": "id-0", "type": "lending.loan.overdue.v1", "sequence": 7},
        {"id": "id-1", "type": "post.letter.send.v1", "to": "commands"},
        {"id": "id-2", "type": "lending.call_loan_back", "to": "queue"},
    ]
    event, command, queued = bodies(made)
    assert event == {
        **COMMON,
        "id": "id-0",
        "type": "lending.loan.overdue.v1",
        "time": loan.recorded[0].occurred_at.isoformat(timespec="milliseconds")[:-6] + "Z",  # type: ignore[union-attr]
        "causationid": "command-1",
        "data": event["data"],
        "sequence": 7,
    }
    assert event["data"]["reader"] == "maria"
    assert command == {
        **COMMON,
        "id": "id-1",
        "type": "post.letter.send.v1",
        "time": "2026-05-04T03:02:01.005Z",
        "causationid": "command-1",
        "data": {"reader": "maria", "text": "Hurry."},
    }
    assert queued == {
        "id": "id-2",
        "command": "lending.call_loan_back",
        "subject": "/lending",
        "scopes": ["loans:write"],
        "data": {"loan_id": "l-2"},
        "correlation_id": "conversation",
    }


def test_a_trace_and_a_cause_go_along() -> None:
    loan = a_loan()
    loan.remind(also="l-2")
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    made = bodies(entries(loan, a_context_of(traceparent=trace, causation_id="cause")))
    assert [each["traceparent"] for each in made] == [trace] * 3
    assert [each.get("causationid") for each in made] == ["cause", "cause", None]


def test_a_commit_may_leave_as_much_as_may_wait_and_no_more() -> None:
    loan = a_loan()
    loan.remind()
    loan.recorded[:] = loan.recorded[:1] * MOST_PENDING
    assert [each["sequence"] for each in entries(loan)] == list(range(1, MOST_PENDING + 1))
    loan.recorded.append(loan.recorded[0])
    with pytest.raises(OutboxFull, match="at most 1000 events"):
        entries(loan)


def a_reminder(text: str) -> Any:  # noqa: ANN401 - whatever an aggregate records
    return SendReminder(reader="", text=text)


def a_call(text: str) -> Any:  # noqa: ANN401 - the same
    return CallBack(loan_id=text)


def an_event(text: str) -> Any:  # noqa: ANN401 - the same
    return LoanOverdue(reader=text, occurred_at=AT)


@pytest.mark.parametrize(
    ("recorded", "limit", "name"),
    [
        (a_reminder, LARGEST_EVENT, "command post.letter.send.v1"),
        (a_call, LARGEST_QUEUED, "command lending.call_loan_back"),
        (an_event, LARGEST_EVENT, "event lending.loan.overdue.v1"),
    ],
)
def test_a_body_may_have_as_many_bytes_as_its_queue_takes_and_no_more(
    recorded: Callable[[str], Any], limit: int, name: str
) -> None:
    def entry_with(characters: int) -> PendingEntry:
        loan = a_loan()
        loan.recorded.append(recorded("x" * characters))
        (entry,) = entries(loan)
        return entry

    room = limit - len(entry_with(0)["body"])
    assert len(entry_with(room)["body"]) == limit
    with pytest.raises(EventTooLarge, match=f"The {name} has {limit + 1} bytes; .* is {limit}"):
        entry_with(room + 1)


def test_bytes_are_counted_and_not_characters() -> None:
    loan = a_loan()
    loan.send(CallBack(loan_id="é" * (LARGEST_QUEUED // 2)))
    with pytest.raises(EventTooLarge):
        entries(loan)


def test_what_an_entry_says_of_itself() -> None:
    assert message_id_of({"id": "own"}) == "own"
    assert message_id_of({"id": "own", "message_id": "given"}) == "given"
    assert destination_of({"id": "own"}) == "events"
    assert destination_of({"id": "own", "to": "queue"}) == "queue"
    assert event_count([{"sequence": 1}, {"to": "queue"}, {"sequence": 2}]) == 2
