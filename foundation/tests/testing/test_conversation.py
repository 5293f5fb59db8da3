"""`Conversation`: what it lets happen, and what it says when something else happened."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.errors import NotFound
from carafe.domain.model import Clock, DomainCommand
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.database.repository import Repository
from carafe.testing.conversation import START, Conversation, Table
from tests.support.reminding import (
    BlockCard,
    RecallLetter,
    Reminding,
    SendLetter,
    StepOverdue,
    UnblockCard,
    a_reminding,
)
from tests.support.reminding_library import handlers_of, library_of, told_by
from tests.support.standing_loans import (
    LoanRenewed,
    OpenStandingLoan,
    StandingLoan,
    lending_of_standing_loans,
    standing_loan_handlers,
)

TOLD = told_by("library", "members", "post")
LIBRARY = library_of(TOLD, "library")
MARIA = {"member": "maria"}


def handlers(remindings: Repository[Reminding], clock: Clock) -> Sequence[Table]:
    made = handlers_of(remindings, TOLD, clock)
    return [*made.events, *made.timers]


@pytest.fixture
def conversation() -> Conversation:
    return Conversation(LIBRARY, Reminding, handlers=handlers)


def about(contract: Any, **more: str) -> IntegrationEvent:  # noqa: ANN401 - a contract
    event: IntegrationEvent = contract(loan_id="l-1", **more)
    return event


OPENED, BLOCKED, SENT = about(TOLD.opened, **MARIA), about(TOLD.blocked), about(TOLD.sent)


def test_given_events_when_another_comes_then_a_command_is_sent(conversation: Conversation) -> None:
    conversation.given(OPENED).when(BLOCKED).then(SendLetter(**MARIA))
    assert conversation.only(Reminding).status is ProcessStatus.RUNNING


def test_after_three_days_without_an_answer_everything_is_undone(
    conversation: Conversation,
) -> None:
    conversation.given(OPENED, BLOCKED)
    conversation.after(timedelta(days=2, hours=23)).then()
    conversation.after(timedelta(hours=1)).then(RecallLetter(**MARIA), UnblockCard(**MARIA))
    assert conversation.clock() == START + timedelta(days=3)
    conversation.after(timedelta(hours=2)).then()
    assert conversation.only(Reminding).status is ProcessStatus.STUCK


def test_what_was_done_in_one_go_is_asked_for_in_one_go(conversation: Conversation) -> None:
    conversation.when(OPENED, BLOCKED).then(BlockCard(**MARIA), SendLetter(**MARIA))
    conversation.when(SENT).then()


def test_a_receiver_may_refuse_a_command(conversation: Conversation) -> None:
    conversation.given(OPENED, BLOCKED).refuse(SendLetter, "no_address").then(UnblockCard(**MARIA))
    assert conversation.only(Reminding).reason == "sending: no_address"
    conversation.refuse(UnblockCard).then()
    assert conversation.only(Reminding).status is ProcessStatus.STUCK


def test_an_aggregate_may_be_given(conversation: Conversation) -> None:
    conversation.given(a_reminding(at=START)).when(BLOCKED).then(SendLetter(**MARIA))


def test_what_is_refused_is_raised(conversation: Conversation) -> None:
    with pytest.raises(NotFound):
        conversation.when(BLOCKED)


# Timers of other aggregates, and their events


def test_timers_call_at_their_times_and_in_order() -> None:
    conversation = Conversation(
        lending_of_standing_loans(), StandingLoan, handlers=standing_loan_handlers
    )
    conversation.given(OpenStandingLoan()).after(timedelta(days=2))
    at = START.replace(hour=3)
    conversation.then(
        LoanRenewed(times=1, occurred_at=at + timedelta(days=1)),
        LoanRenewed(times=2, occurred_at=at + timedelta(days=2)),
    )
    assert conversation.only(StandingLoan).log == ("renewed", "first", "renewed")


def test_timers_of_several_aggregates_call_in_the_order_of_their_times(
    conversation: Conversation,
) -> None:
    late, early = (
        a_reminding("l-1", at=START),
        a_reminding("l-2", at=START - timedelta(minutes=1)),
    )
    late.member, early.member = "maria", "paul"
    early.id, late.id = "z", "a"
    conversation.given(late, early).after(timedelta(hours=1))
    conversation.then(UnblockCard(member="paul"), UnblockCard(member="maria"))


def test_the_latest_command_of_a_kind_is_refused(conversation: Conversation) -> None:
    conversation.given(OPENED, TOLD.opened(loan_id="l-2", member="paul"))
    conversation.refuse(BlockCard)
    statuses = {
        each.member: each.status.value for each in conversation.repository(Reminding).stream()
    }
    assert statuses == {"maria": "running", "paul": "undone"}


def test_a_refusal_is_that_of_the_receiver() -> None:
    heard: list[str] = []

    def hearing(remindings: Repository[Reminding], clock: Clock) -> Sequence[Table]:
        del clock

        def hear(event: Any, _context: CommandContext) -> CommandResult:  # noqa: ANN401
            heard.append(event.wire_type)
            return CommandResult(id="", version=remindings.get("r").version)

        return [{TOLD.letter_refused: hear, TOLD.card_refused: hear}]

    reminding = a_reminding(at=START)
    reminding.id = "r"
    Conversation(LIBRARY, Reminding, handlers=hearing).given(reminding).refuse(BlockCard)
    assert set(heard) == {"members.command.refused.v1"}


# What it says


def failure(act: Any) -> str:  # noqa: ANN401 - anything that can be called
    with pytest.raises(AssertionError) as raised:
        act()
    return str(raised.value)


def test_it_says_what_was_sent_instead(conversation: Conversation) -> None:
    conversation.given(OPENED).when(BLOCKED)
    assert failure(lambda: conversation.then(UnblockCard(**MARIA))) == (
        "expected, in this order:\n  UnblockCard(member='maria')\n"
        "but there was:\n  SendLetter(member='maria')"
    )
    assert failure(lambda: conversation.then(SendLetter(**MARIA))).endswith(
        "but there was:\n  nothing"
    )


@pytest.mark.parametrize(
    "expected",
    [
        [SendLetter(**MARIA), BlockCard(**MARIA)],
        [BlockCard(**MARIA)],
        [BlockCard(**MARIA), SendLetter(**MARIA), SendLetter(**MARIA)],
        [BlockCard(**MARIA), SendLetter(member="paul")],
    ],
)
def test_kind_content_number_and_order_count(
    conversation: Conversation, expected: list[DomainCommand]
) -> None:
    conversation.when(OPENED, BLOCKED)
    assert "but there was" in failure(lambda: conversation.then(*expected))


def test_it_finds_a_handler_that_takes_effect_twice() -> None:
    def twice(remindings: Repository[Reminding], clock: Clock) -> Sequence[Table]:
        def opened(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401
            del event
            number = len(list(remindings.stream()))
            return remindings.add(a_reminding(f"l-{number}", at=clock()), context)

        return [{TOLD.opened: opened}]

    conversation = Conversation(LIBRARY, Reminding, handlers=twice)
    assert "took effect twice" in failure(lambda: conversation.when(OPENED))


def test_it_names_what_has_no_handler(conversation: Conversation) -> None:
    unhandled = Conversation(LIBRARY, Reminding, handlers=lambda _, __: [])
    assert failure(lambda: unhandled.when(BLOCKED)).endswith("has no handler")
    unhandled.given(a_reminding(at=START))
    assert failure(lambda: unhandled.after(timedelta(hours=1))) == (
        "the timer step_overdue of remindings has no handler"
    )
    assert failure(lambda: unhandled.refuse(BlockCard)) == (
        "no handler hears of refusals by members"
    )
    assert failure(lambda: conversation.refuse(BlockCard)) == "no BlockCard was sent"
    assert failure(lambda: conversation.only(Reminding)) == "there are 0 aggregates of Reminding"


def test_it_finds_a_handler_that_ignores_its_timer() -> None:
    def idle(_: object, __: object) -> Sequence[Table]:
        return [{StepOverdue: lambda timer, _: CommandResult(id=timer.aggregate_id, version=1)}]

    conversation = Conversation(LIBRARY, Reminding, handlers=idle).given(a_reminding(at=START))
    assert failure(lambda: conversation.after(timedelta(hours=1))) == (
        "the handler of StepOverdue must use `change` or `deadlines`"
    )
