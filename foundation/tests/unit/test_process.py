"""A process on its way to its end, or back: each step in its order."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from carafe.domain.errors import RuleBroken
from carafe.domain.process_state import ProcessStatus
from carafe.testing.examples import NOON
from tests.support.reminding import (
    BLOCKING,
    RETURN,
    SENDING,
    BlockCard,
    RecallLetter,
    Reminding,
    SendLetter,
    UnblockCard,
    a_reminding,
    waits_for_return,
)
from tests.support.visits import (
    LATER,
    block,
    deadline,
    id_of,
    send,
    sent,
    statuses,
)

Change = Callable[[Reminding], object]


# To its end


def test_a_step_sends_its_command_and_waits_until_its_deadline() -> None:
    reminding = a_reminding(at=NOON)
    assert (reminding.status, statuses(reminding)) == (
        ProcessStatus.RUNNING,
        {"blocking": "waiting"},
    )
    assert sent(reminding) == [BlockCard]
    assert deadline(reminding, BLOCKING) == NOON + timedelta(hours=1)
    assert reminding.command_ids == (id_of(reminding, BlockCard),)


def test_each_answer_takes_it_a_step_further_until_it_ends() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    assert deadline(reminding, BLOCKING) is None
    assert deadline(reminding, SENDING) == LATER + timedelta(days=3)
    send(reminding)
    assert (deadline(reminding, SENDING), reminding.timers) == (None, ())
    assert not reminding.is_stranded  # it says that it may wait for ever
    reminding.book_returned(at=LATER)
    assert statuses(reminding) == {"blocking": "done", "sending": "done", "return": "done"}
    assert (reminding.status, reminding.ended_at) == (ProcessStatus.COMPLETED, LATER)
    assert sent(reminding) == [BlockCard, SendLetter]


def test_an_answer_that_comes_twice_changes_nothing() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    before = (reminding.step_records, reminding.timers, list(reminding.recorded))
    reminding.card_blocked(at=LATER + timedelta(minutes=1))
    assert (reminding.step_records, reminding.timers, reminding.recorded) == before


def test_an_answer_before_its_step_is_refused_and_may_come_again() -> None:
    reminding = a_reminding(at=NOON)
    earlies: list[Callable[[], object]] = [
        lambda: reminding.letter_sent(at=NOON),
        lambda: reminding.fail(SENDING, "lost", at=NOON),
        lambda: reminding.confirm_undo(SENDING, at=NOON),
    ]
    for early in earlies:
        with pytest.raises(RuleBroken) as refusal:
            early()
        assert refusal.value.code == "step_not_begun"
    block(reminding)
    send(reminding)
    assert statuses(reminding)["return"] == "waiting"


def test_a_step_begins_once() -> None:
    reminding = a_reminding(at=NOON)
    with pytest.raises(RuleBroken) as refusal:
        reminding.begin(BLOCKING, BlockCard(member="maria"), at=NOON)
    assert refusal.value.code == "step_has_begun"
    assert sent(reminding) == [BlockCard]


def test_what_still_waits_at_the_end_is_waited_for_no_longer() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.end(at=LATER)
    assert (statuses(reminding)["sending"], reminding.timers) == ("waiting", ())
    assert not reminding.is_stranded


@pytest.mark.parametrize(
    "change",
    [
        lambda ended: ended.begin(RETURN, at=LATER),
        lambda ended: ended.end(at=LATER),
        lambda ended: ended.undo("why not", at=LATER),
        lambda ended: ended.resume(at=LATER),
    ],
)
def test_what_has_ended_neither_goes_on_nor_back(change: Change) -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.end(at=LATER)
    before = (reminding.step_records, list(reminding.recorded))
    with pytest.raises(RuleBroken) as refusal:
        change(reminding)
    assert refusal.value.code == "process_is_completed"
    assert (reminding.step_records, reminding.recorded) == before


# A step is refused, fails, or is never answered


def test_what_was_done_is_undone_in_reverse() -> None:
    reminding = waits_for_return(at=NOON)
    reminding.undo("the loan was a mistake", at=LATER)
    assert sent(reminding) == [BlockCard, SendLetter, RecallLetter, UnblockCard]
    assert statuses(reminding) == {"blocking": "undoing", "sending": "undone", "return": "undone"}
    assert (reminding.status, reminding.reason) == (
        ProcessStatus.UNDOING,
        "the loan was a mistake",
    )
    assert [each.due for each in reminding.timers] == [LATER + timedelta(hours=2)]
    reminding.confirm_undo(BLOCKING, at=LATER)
    assert (reminding.status, reminding.ended_at) == (ProcessStatus.UNDONE, LATER)
    assert (statuses(reminding)["blocking"], reminding.timers) == ("undone", ())


def test_a_step_that_failed_is_not_undone_itself() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.fail(SENDING, "no address", at=LATER)
    assert sent(reminding) == [BlockCard, SendLetter, UnblockCard]
    assert statuses(reminding) == {"blocking": "undoing", "sending": "failed"}
    assert reminding.reason == "no address"


def test_a_step_that_is_refused_has_failed() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.refuse(id_of(reminding, SendLetter), "invalid_value", at=LATER)
    assert sent(reminding) == [BlockCard, SendLetter, UnblockCard]
    assert (statuses(reminding)["sending"], reminding.reason) == (
        "failed",
        "sending: invalid_value",
    )


def test_a_step_that_was_taken_for_done_is_refused() -> None:
    """Nothing answers some steps, and they are complete when they begin."""
    reminding = a_reminding(at=NOON)
    block(reminding)
    send(reminding)
    reminding.refuse(id_of(reminding, SendLetter), "invalid_value", at=LATER)
    assert sent(reminding) == [BlockCard, SendLetter, UnblockCard]
    assert statuses(reminding)["sending"] == "failed"


def test_a_step_that_is_never_answered_is_undone_too() -> None:
    """It may have taken effect, or will."""
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.pass_deadline("sending", at=LATER)
    assert sent(reminding) == [BlockCard, SendLetter, RecallLetter, UnblockCard]
    assert reminding.reason == "sending: no answer in time"


def test_a_process_without_a_step_to_undo_is_undone_at_once() -> None:
    reminding = Reminding(id="r", loan_id="l", member="maria", begun_at=NOON)
    reminding.begin(RETURN, at=NOON)
    reminding.undo("never mind", at=LATER)
    assert (reminding.status, sent(reminding)) == (ProcessStatus.UNDONE, [])


def test_the_first_reason_counts_and_has_a_bound() -> None:
    reminding = waits_for_return(at=NOON)
    reminding.undo("x" * 300, at=LATER)
    reminding.undo("another", at=LATER)
    assert reminding.reason == "x" * 200
    assert sent(reminding).count(UnblockCard) == 1
