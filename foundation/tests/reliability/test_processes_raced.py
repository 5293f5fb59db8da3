"""An event and a deadline at once: one of them decides, in either order, by clocks that differ."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.testing.stores import at_once
from tests.support.reminding_world import World

ROUNDS = 10

OVERDUE = timedelta(hours=1, seconds=1)

# What was sent, and where the process stands, if the event was first, or the deadline.
GOES_ON = ProcessStatus.RUNNING, ["card block", "letter send"]
GOES_BACK = ProcessStatus.UNDOING, ["card block", "card unblock"]


def test_of_an_event_and_a_deadline_at_once_one_decides(world: World) -> None:
    """F58: never both, and nothing is undone that goes on; each of them comes twice."""
    for number in range(ROUNDS):
        loan_id = f"l-{number}"
        race(world, loan_id)
        outcome = world.process(loan_id).status, world.commands(loan_id)
        assert outcome in (GOES_ON, GOES_BACK)


def race(world: World, loan_id: str) -> None:
    world.begin(loan_id)
    event = world.about(world.told.blocked, loan_id)
    world.let_pass(OVERDUE)
    works: list[Callable[[], object]] = [
        lambda: world.tell(event),
        lambda: world.call_timers(loan_id),
    ]
    at_once(4, lambda which: works[which % 2]())


@pytest.mark.parametrize("minutes", [-5, 0, 5])
@pytest.mark.parametrize("is_event_first", [True, False])
def test_of_an_event_and_a_deadline_the_first_decides(
    world: World, minutes: int, *, is_event_first: bool
) -> None:
    """F55, F58: the clock of the second one is so far ahead of the first one's."""
    world.begin()
    event = world.about(world.told.blocked)
    world.let_pass(OVERDUE + timedelta(minutes=5))
    for is_event in (is_event_first, not is_event_first):
        if is_event:
            assert world.tell(event) == Settled(handled=1)
        else:
            world.call_timers()
        world.let_pass(timedelta(minutes=minutes))
    outcome = world.process().status, world.commands()
    assert outcome == (GOES_ON if is_event_first else GOES_BACK)


def test_a_deadline_that_calls_early_by_a_clock_that_is_ahead_is_final(world: World) -> None:
    """F55: the event is in time by its own clock, and changes nothing any more."""
    world.begin()
    event = world.about(world.told.blocked)
    world.let_pass(OVERDUE)
    world.call_timers()
    world.let_pass(timedelta(minutes=-5))
    assert world.tell(event) == Settled(handled=1)
    assert (world.process().status, world.commands()) == GOES_BACK
    world.let_pass(timedelta(minutes=5))
    world.call_timers()
    assert (world.process().status, world.commands()) == GOES_BACK
