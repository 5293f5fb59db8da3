"""A process that is being undone: what comes late, what cannot be undone, what a person does."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from carafe.domain.errors import RuleBroken
from carafe.domain.process_state import ProcessStatus
from carafe.testing.examples import NOON
from tests.support.reminding import (
    BLOCKING,
    BlockCard,
    RecallLetter,
    Reminding,
    SendLetter,
    UnblockCard,
    a_reminding,
)
from tests.support.visits import (
    FIRST,
    LATER,
    SECOND,
    Knock,
    Leave,
    Visit,
    block,
    deadline,
    id_of,
    parallel,
    sent,
    statuses,
)

Change = Callable[[Reminding], object]


# Late, while it is being undone


def test_a_success_that_comes_late_is_no_step_further() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.pass_deadline("sending", at=LATER)
    before = (statuses(reminding), sent(reminding))
    reminding.letter_sent(at=LATER)
    assert (statuses(reminding), sent(reminding)) == before


def test_a_late_success_of_a_step_whose_turn_has_not_come() -> None:
    reminding = parallel()
    reminding.undo("enough", at=LATER)
    assert statuses(reminding) == {"first": "waiting", "second": "undoing"}
    assert [each.key for each in reminding.timers] == ["second"]
    reminding.pass_deadline("first", at=LATER)
    assert [each.key for each in reminding.timers] == ["second"]
    assert reminding.complete(FIRST, at=LATER) is False
    reminding.confirm_undo(SECOND, at=LATER)
    assert statuses(reminding) == {"first": "undoing", "second": "undone"}


def test_a_late_failure_of_a_step_whose_turn_has_not_come_spares_its_undoing() -> None:
    lates: list[Callable[[Visit], None]] = [
        lambda process: process.fail(FIRST, "no", at=LATER),
        lambda process: process.refuse(process.command_ids[0], "no", at=LATER),
    ]
    for late in lates:
        process = parallel()
        process.undo("enough", at=LATER)
        late(process)
        process.confirm_undo(SECOND, at=LATER)
        assert (process.status, statuses(process)["first"]) == (ProcessStatus.UNDONE, "failed")
        assert sent(process) == [Knock, Knock, Leave]


def test_a_step_refused_while_it_is_undone_needs_no_undoing() -> None:
    reminding = a_reminding(at=NOON)
    reminding.pass_deadline("blocking", at=LATER)
    reminding.refuse(id_of(reminding, BlockCard), "not_found", at=LATER)
    assert (reminding.status, statuses(reminding)) == (
        ProcessStatus.UNDONE,
        {"blocking": "failed"},
    )
    reminding.refuse(id_of(reminding, UnblockCard), "not_found", at=LATER)
    assert reminding.status is ProcessStatus.UNDONE


def test_a_step_refused_while_its_undoing_is_stuck_frees_the_process() -> None:
    reminding = stuck()
    reminding.refuse(id_of(reminding, BlockCard), "not_found", at=LATER)
    assert (reminding.status, reminding.stuck_since) == (ProcessStatus.UNDONE, None)


def test_a_refusal_that_comes_after_the_end_changes_nothing() -> None:
    completed = a_reminding(at=NOON)
    block(completed)
    completed.end(at=LATER)
    undone = a_reminding(at=NOON)
    undone.pass_deadline("blocking", at=LATER)
    undone.confirm_undo(BLOCKING, at=LATER)
    for process, refused in (
        (completed, SendLetter),
        (completed, BlockCard),
        (undone, UnblockCard),
    ):
        before = (process.status, process.step_records)
        process.refuse(id_of(process, refused), "late", at=LATER)
        assert (process.status, process.step_records) == before


def test_a_failure_that_comes_while_the_step_is_undone_waits_for_the_confirmation() -> None:
    """It may tell of an earlier attempt."""
    reminding = a_reminding(at=NOON)
    reminding.pass_deadline("blocking", at=LATER)
    reminding.fail(BLOCKING, "busy", at=LATER)
    assert statuses(reminding) == {"blocking": "undoing"}


def test_a_deadline_that_calls_late_changes_nothing() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    before = (reminding.step_records, list(reminding.recorded))
    for name in ("blocking", "return", "unheard_of"):
        reminding.pass_deadline(name, at=LATER)
    assert (reminding.step_records, reminding.recorded) == before


@pytest.mark.parametrize(
    ("first", "then", "outcome"),
    [
        (block, lambda each: each.pass_deadline("blocking", at=LATER), ProcessStatus.RUNNING),
        (lambda each: each.pass_deadline("blocking", at=LATER), block, ProcessStatus.UNDOING),
    ],
)
def test_of_an_answer_and_a_deadline_the_first_decides(
    first: Change, then: Change, outcome: ProcessStatus
) -> None:
    reminding = a_reminding(at=NOON)
    first(reminding)
    then(reminding)
    assert reminding.status is outcome


# It cannot be undone


def stuck() -> Reminding:
    reminding = a_reminding(at=NOON)
    reminding.pass_deadline("blocking", at=NOON)
    reminding.pass_deadline("blocking", at=LATER)
    return reminding


def test_an_undoing_that_is_never_confirmed_leaves_the_process_stuck() -> None:
    reminding = stuck()
    assert (reminding.status, reminding.stuck_since) == (ProcessStatus.STUCK, LATER)
    assert (statuses(reminding), reminding.timers) == ({"blocking": "stuck"}, ())
    assert not reminding.is_stranded


def test_an_undoing_that_is_refused_leaves_the_process_stuck() -> None:
    reminding = a_reminding(at=NOON)
    reminding.pass_deadline("blocking", at=NOON)
    reminding.refuse(id_of(reminding, UnblockCard), "not_found", at=LATER)
    assert (reminding.status, reminding.stuck_since) == (ProcessStatus.STUCK, LATER)
    assert deadline(reminding, BLOCKING) is None


def test_an_undoing_that_nothing_confirms_may_be_refused_after_the_end() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.pass_deadline("sending", at=LATER)
    reminding.confirm_undo(BLOCKING, at=LATER)
    assert reminding.has_ended
    reminding.refuse(id_of(reminding, RecallLetter), "too_late", at=LATER)
    assert (reminding.status, statuses(reminding)["sending"]) == (ProcessStatus.STUCK, "stuck")
    assert (reminding.stuck_since, reminding.ended_at) == (LATER, None)
    reminding.resume(at=LATER, is_undone_by_hand=True)
    assert reminding.status is ProcessStatus.UNDONE


def test_while_one_step_is_stuck_the_confirmation_of_another_is_noted() -> None:
    reminding = a_reminding(at=NOON)
    block(reminding)
    reminding.pass_deadline("sending", at=LATER)
    reminding.refuse(id_of(reminding, RecallLetter), "too_late", at=LATER)
    reminding.confirm_undo(BLOCKING, at=LATER)
    assert (reminding.status, statuses(reminding)) == (
        ProcessStatus.STUCK,
        {"blocking": "undone", "sending": "stuck"},
    )
    reminding.resume(at=LATER)
    assert (reminding.status, sent(reminding).count(RecallLetter)) == (ProcessStatus.UNDONE, 2)


def test_a_resumed_process_sends_the_command_again_under_the_same_id() -> None:
    reminding = stuck()
    first = id_of(reminding, UnblockCard)
    reminding.resume(at=LATER)
    assert (reminding.status, reminding.stuck_since) == (ProcessStatus.UNDOING, None)
    assert sent(reminding) == [BlockCard, UnblockCard, UnblockCard]
    assert id_of(reminding, UnblockCard) == first
    assert reminding.command_ids.count(first) == 1
    assert deadline(reminding, BLOCKING) == LATER + timedelta(hours=2)


def test_a_person_may_undo_the_step() -> None:
    reminding = stuck()
    reminding.resume(at=LATER, is_undone_by_hand=True)
    assert (reminding.status, sent(reminding)) == (
        ProcessStatus.UNDONE,
        [BlockCard, UnblockCard],
    )


def test_a_confirmation_that_comes_late_frees_a_stuck_process() -> None:
    reminding = stuck()
    reminding.confirm_undo(BLOCKING, at=LATER)
    assert (reminding.status, reminding.stuck_since) == (ProcessStatus.UNDONE, None)


def test_only_what_is_stuck_can_be_resumed() -> None:
    with pytest.raises(RuleBroken) as refusal:
        a_reminding(at=NOON).resume(at=LATER)
    assert refusal.value.code == "process_is_running"


def test_undoing_what_is_stuck_does_not_begin_anew() -> None:
    reminding = stuck()
    reminding.undo("again", at=LATER)
    assert (reminding.status, sent(reminding).count(UnblockCard)) == (ProcessStatus.STUCK, 1)


def test_what_is_not_being_undone_cannot_be_confirmed() -> None:
    with pytest.raises(RuleBroken) as refusal:
        a_reminding(at=NOON).confirm_undo(BLOCKING, at=LATER)
    assert refusal.value.code == "step_not_undoing"


def test_a_confirmation_that_comes_twice_changes_nothing() -> None:
    reminding = a_reminding(at=NOON)
    reminding.pass_deadline("blocking", at=LATER)
    reminding.confirm_undo(BLOCKING, at=LATER)
    before = (reminding.step_records, list(reminding.recorded))
    reminding.confirm_undo(BLOCKING, at=LATER)
    assert (reminding.step_records, reminding.recorded) == before


def test_a_command_of_somebody_else_cannot_be_refused() -> None:
    with pytest.raises(RuleBroken) as refusal:
        a_reminding(at=NOON).refuse("somebody's", "no", at=LATER)
    assert refusal.value.code == "command_not_sent"
