"""Processes on real servers: begun once, never losing an event, whatever comes when."""

from datetime import timedelta

import pytest

from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.cqrs.delivery import ATTEMPTS
from carafe.infrastructure.cqrs.inbox import REASON, Settled
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.inbound import a_delivery
from carafe.testing.stores import at_once
from tests.support.reminding import (
    BLOCKING,
    RETURN,
    BlockCard,
    RecallLetter,
    Reminding,
    SendLetter,
    UnblockCard,
    reminding_id,
)
from tests.support.reminding_world import World, words
from tests.support.settling import soon

HANDLED, HELD_BACK = Settled(handled=1), Settled(retried=1)


# F58: begun twice, too early, too late, two at once


def test_a_doubled_start_is_one_process(world: World) -> None:
    """F58: by the same event, and by another one."""
    event = world.about(world.told.opened)
    assert [world.tell(each) for each in (event, event, world.about(world.told.opened))] == [
        HANDLED
    ] * 3
    assert world.container.database["remindings"].count_documents({}) == 1
    assert (world.process().version, world.commands()) == (1, ["card block"])


def test_starts_at_once_are_one_process(world: World) -> None:
    """F58."""
    events = [world.about(world.told.opened) for _ in range(8)]
    assert at_once(8, lambda number: world.tell(events[number])) == [HANDLED] * 8
    assert (world.process().version, world.commands()) == (1, ["card block"])


def test_an_event_before_the_start_is_held_back_and_comes_again(world: World) -> None:
    """F58."""
    early = world.about(world.told.blocked)
    assert world.tell(early) == HELD_BACK
    world.begin()
    assert world.tell(early) == HANDLED
    assert world.commands() == ["card block", "letter send"]


def test_an_event_before_its_step_is_held_back_and_comes_again(world: World) -> None:
    world.begin()
    early = world.about(world.told.sent)
    assert world.tell(early) == HELD_BACK
    world.tell(world.about(world.told.blocked))
    assert world.tell(early) == HANDLED
    assert world.process().step("return") is not None


def completed(world: World) -> None:
    world.send_letter()
    for each in (world.told.sent, world.told.returned):
        assert world.tell(world.about(each)) == HANDLED
    assert world.process().status is ProcessStatus.COMPLETED


def test_an_event_after_the_end_is_ignored(world: World) -> None:
    """F58."""
    completed(world)
    before = world.process()
    for each in (world.told.called, world.told.blocked, world.told.opened):
        assert world.tell(world.about(each)) == HANDLED
    after = world.process()
    assert (after.calls, after.step_records, after.status) == (
        before.calls,
        before.step_records,
        before.status,
    )


def test_of_two_events_at_once_none_is_lost(world: World) -> None:
    """F58."""
    world.begin()
    events = [world.about(world.told.called) for _ in range(6)]
    outcomes = at_once(6, lambda number: world.tell(events[number]))
    while HELD_BACK in outcomes:  # so many at once may exceed the attempts of one delivery
        outcomes = [world.tell(each) for each in events]
    assert world.process().calls == 6


def test_an_event_of_a_process_takes_effect_once(world: World) -> None:
    world.begin()
    event = world.about(world.told.called)
    assert at_once(4, lambda _: world.tell(event)) == [HANDLED] * 4
    assert world.process().calls == 1


def test_an_event_without_a_correlation_is_parked_at_once(world: World) -> None:
    event = world.about(world.told.blocked, loan_id="")
    assert world.tell(event) == Settled(parked=1)
    ((headers, _),) = world.broker.parked()
    assert headers[REASON] == "invalid_value"


def test_a_process_that_would_wait_for_nothing_is_not_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.begin()
    version = world.process().version
    monkeypatch.setattr(
        Reminding, "card_blocked", lambda self, *, at: self.complete(BLOCKING, at=at)
    )
    event = world.about(world.told.blocked)
    assert world.tell(event) == HELD_BACK
    assert world.functions.inbox().settle([a_delivery(event, **{ATTEMPTS: 3})], soon()) == Settled(
        parked=1
    )
    ((headers, _),) = world.broker.parked()
    assert headers[REASON] == "process_is_stranded"
    assert world.process().version == version


# F59: refused, never answered


def test_a_deadline_undoes_what_was_done(world: World) -> None:
    """F59: the receiver never answers."""
    world.send_letter()
    world.let_pass(timedelta(days=3, seconds=1))
    world.call_timers()
    assert world.commands() == ["card block", "letter send", "letter recall", "card unblock"]
    process = world.process()
    assert (process.status, process.reason) == (
        ProcessStatus.UNDOING,
        "sending: no answer in time",
    )
    assert world.tell(world.about(world.told.unblocked)) == HANDLED
    assert (world.process().status, world.process().timers) == (ProcessStatus.UNDONE, ())


def test_a_refusal_finds_its_process_and_undoes_what_was_done(world: World) -> None:
    """F59: the receiver refuses it."""
    world.begin("l-2")
    world.send_letter()
    refusal = world.refusing(SendLetter, "invalid_value")
    assert [world.tell(refusal), world.tell(refusal)] == [HANDLED, HANDLED]
    assert world.commands() == ["card block", "letter send", "card unblock"]
    assert world.process().reason == "sending: invalid_value"
    assert world.process("l-2").status is ProcessStatus.RUNNING


def test_a_refusal_of_a_foreign_command_is_of_no_concern(world: World) -> None:
    world.begin()
    event = world.refusing(BlockCard)
    event["data"]["command_id"] = "somebody-else's"
    assert world.tell(event) == HANDLED
    assert world.process().status is ProcessStatus.RUNNING


def stuck(world: World) -> None:
    """Lead a process to where the card cannot be unblocked."""
    world.begin()
    world.let_pass(timedelta(hours=1, seconds=1))
    world.call_timers()
    assert world.tell(world.refusing(UnblockCard)) == HANDLED
    assert world.process().status is ProcessStatus.STUCK


def test_an_undoing_that_is_refused_or_overdue_is_told_to_a_person(world: World) -> None:
    """F59."""
    stuck(world)
    assert world.process().stuck_since is not None
    world.begin("l-2")
    world.let_pass(timedelta(hours=1, seconds=1))
    world.call_timers("l-2")
    world.let_pass(timedelta(hours=2, seconds=1))
    world.call_timers("l-2")
    assert world.process("l-2").status is ProcessStatus.STUCK


def resume(world: World, *, by_hand: bool = False) -> None:
    process = world.process()
    process.resume(at=world.clock(), is_undone_by_hand=by_hand)
    world.container.repository(Reminding).save(process, a_context())


def test_a_refusal_after_a_resumption_is_another_one(world: World) -> None:
    stuck(world)
    resume(world)
    assert world.process().status is ProcessStatus.UNDOING
    assert world.tell(world.refusing(UnblockCard)) == HANDLED
    assert world.process().status is ProcessStatus.STUCK
    resume(world, by_hand=True)
    assert world.process().status is ProcessStatus.UNDONE


def test_a_refusal_after_the_end_leaves_the_process_stuck(world: World) -> None:
    """F59: nothing confirms that a letter is recalled, but the post office may refuse it."""
    world.send_letter()
    world.let_pass(timedelta(days=3, seconds=1))
    world.call_timers()
    world.tell(world.about(world.told.unblocked))
    assert world.process().has_ended
    assert world.tell(world.refusing(RecallLetter, "too_late")) == HANDLED
    assert world.process().status is ProcessStatus.STUCK


def test_a_command_that_is_resumed_while_it_waits_is_sent_and_nothing_stays(world: World) -> None:
    """Two pending entries of one document have the same id."""
    stuck(world)
    resume(world)
    ids = world.command_ids(UnblockCard)
    assert (len(ids), len(set(ids))) == (2, 1)
    world.relay()
    assert [words(each["type"]) for each in world.published()] == [
        "card block",
        "card unblock",
        "card unblock",
    ]
    document = world.document()
    assert (document["pending"], "pending_since" in document) == ([], False)


# What the database needs


@pytest.mark.parametrize("wanted", ["command_ids", "status"])
def test_a_process_is_found_by_an_index(world: World, wanted: str) -> None:
    for number in range(50):
        world.container.repository(Reminding).add(a_process(number), a_context())
    queries = {
        "command_ids": {"command_ids": world.process("l-7").command_ids[0]},
        "status": {"status": "stuck"},
    }
    explained = world.container.database["remindings"].find(queries[wanted]).explain()
    text = str(explained["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in text
    assert wanted in text
    assert explained["executionStats"]["totalDocsExamined"] <= 1


def a_process(number: int) -> Reminding:
    loan_id = f"l-{number}"
    process = Reminding.of(reminding_id(loan_id), loan_id, "maria", at=NOON)
    process.complete(BLOCKING, at=NOON)
    process.begin(RETURN, at=NOON)
    return process
