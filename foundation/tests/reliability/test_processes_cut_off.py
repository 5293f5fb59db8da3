"""Compensation is cut at every step in turn, then goes on: each undoing once, in reverse (F60)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.errors import InfrastructureError
from carafe.testing.contexts import a_context
from tests.support.cutting import CutOff, Steps, cutting
from tests.support.reminding import Reminding, SendLetter, UnblockCard
from tests.support.reminding_world import World, words

MOST_STEPS = 80

Work = Callable[[], None]

# About what was open at a cut (tests.support.cutting).
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Return what cuts the work of this process at a step."""
    with cutting(monkeypatch) as steps:
        yield steps


def refused(world: World, loan_id: str) -> Work:
    """Return the work of a letter that is refused: the card is unblocked."""
    world.send_letter(loan_id)
    refusal = world.refusing(SendLetter, loan_id=loan_id)
    unblocked = world.about(world.told.unblocked, loan_id)

    def work() -> None:
        world.tell(refusal)
        world.relay()
        world.tell(unblocked)
        world.relay()

    return work


def overdue(world: World, loan_id: str) -> Work:
    """Return the work of a letter that nobody confirms: it is recalled, the card unblocked."""
    world.send_letter(loan_id)
    world.let_pass(timedelta(days=3, seconds=1))
    unblocked = world.about(world.told.unblocked, loan_id)

    def work() -> None:
        world.call_timers(loan_id)
        world.relay()
        world.tell(unblocked)
        world.relay()

    return work


@pytest.mark.parametrize(
    ("begin", "undone"),
    [(refused, ["card unblock"]), (overdue, ["letter recall", "card unblock"])],
)
def test_compensation_cut_at_any_step_undoes_each_step_once(
    world: World,
    steps: Steps,
    begin: Callable[[World, str], Work],
    undone: list[str],
) -> None:
    for step in range(1, MOST_STEPS):
        loan_id = f"l-{step}"
        work = begin(world, loan_id)
        cut = steps(step)
        with suppress(CutOff, InfrastructureError):
            work()
        reached = cut.reached
        steps(0)  # nothing is cut any more
        world.container.bus.close()  # what was cut inside the broker's protocol is of no use
        work()
        published = [each for each in world.published() if each["source"] == f"/{world.name}"]
        first_deliveries = list(dict.fromkeys((each["id"], each["type"]) for each in published))
        assert [words(each) for _, each in first_deliveries] == [
            "card block",
            "letter send",
            *undone,
        ]
        assert world.process(loan_id).status is ProcessStatus.UNDONE
        assert world.commands(loan_id) == []
        if not reached:
            break
    assert step > 10, "the steps of compensation are not counted any more"


def test_a_command_that_is_resumed_between_confirm_and_removal_is_sent_again(world: World) -> None:
    """F59: both entries have the command's id, and one of them was not sent yet."""
    world.send_letter()
    world.tell(world.refusing(SendLetter))
    world.tell(world.refusing(UnblockCard))
    assert world.process().status is ProcessStatus.STUCK
    remove = MongoOutboxStore.remove

    def resume_and_remove(store: MongoOutboxStore, ids: Mapping[str, Sequence[str]]) -> None:
        process = world.process()
        process.resume(at=world.clock())
        world.container.repository(Reminding).save(process, a_context())
        patching.undo()
        remove(store, ids)

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(MongoOutboxStore, "remove", resume_and_remove)
        world.relay()
    assert world.commands() == ["card unblock"]
    world.relay()
    assert world.commands() == []
    unblocked = [each["id"] for each in world.published() if words(each["type"]) == "card unblock"]
    assert (len(unblocked), len(set(unblocked))) == (2, 1)
