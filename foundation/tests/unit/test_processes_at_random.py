"""Any messages, deadlines and persons, in any order, doubled: a process keeps its promises."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from carafe.domain.errors import RuleBroken
from carafe.domain.model import DomainCommand, Identified, schema
from carafe.domain.process import Process
from carafe.domain.process_state import ENDED, ProcessStatus, Purpose
from carafe.domain.steps import Step, StepStatus
from carafe.domain.timers import Timer
from carafe.infrastructure.database.codec import codec_for
from carafe.infrastructure.database.memory.matching import through_bson
from carafe.testing.examples import NOON
from carafe.testing.stores import state_of

HOUR = timedelta(hours=1)


@schema()
class Do(DomainCommand):
    """Something is to be done."""

    step: str


@schema()
class Undo(DomainCommand):
    """It is to be undone."""

    step: str


class TimeUp(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "time_up"


def undoing(name: str) -> Any:  # noqa: ANN401 - a function of any process
    return lambda _: Undo(step=name)


STEPS = (
    Step(name="confirmed", within=HOUR, undo=undoing("confirmed"), undo_within=HOUR),
    Step(name="unconfirmed", within=HOUR, undo=undoing("unconfirmed")),
    Step(name="final", within=HOUR),
    Step(name="patient", within=None, undo=undoing("patient"), undo_within=HOUR),
    Step(name="checked", within=HOUR, undo=undoing("checked"), undo_within=HOUR),
)


@schema(collection="errands")
class Errand(Process):
    """It begins its steps in any order, and ends when all are done."""

    STEPS: ClassVar = STEPS
    DEADLINE = TimeUp

    def done(self, step: Step, following: list[Step]) -> None:
        """Go on as every process does: with further steps, or to the end."""
        if self.complete(step, at=NOON):
            self.begin_some(following)
            waiting = [each for each in self.step_records if each.status is StepStatus.WAITING]
            if not waiting:
                self.end(at=NOON)

    def begin_some(self, steps: list[Step]) -> None:
        for each in steps:
            if self.step(each.name) is None:
                self.begin(each, Do(step=each.name), at=NOON)


class Errands:
    """An errand, and what was seen of it."""

    def __init__(self, first: list[Step]) -> None:
        self.process = Errand(id="e-1", begun_at=NOON)
        self.undone: list[str] = []
        self.spared: set[str] = set()
        self.allowed: Counter[str] = Counter()
        self.process.begin_some(first)
        self.observe()

    def message(self, kind: str, step: Step, following: list[Step]) -> None:
        """Let something happen to it; a refusal changes nothing."""
        record = self.process.step(step.name)
        before = state_of(self.process)
        with suppress(RuleBroken):
            self.apply(kind, step, following)
            self.note_spared(step, record.status if record else None)
            self.observe()
            return
        assert state_of(self.process) == before

    def apply(self, kind: str, step: Step, following: list[Step]) -> None:
        process, at = self.process, NOON
        match kind:
            case "done":
                process.done(step, following)
            case "failed":
                process.fail(step, "it failed", at=at)
            case "refused":
                process.refuse(self.command_id(step, "begin"), "no", at=at)
            case "undo refused":
                process.refuse(self.command_id(step, "undo"), "no", at=at)
            case "undone":
                process.confirm_undo(step, at=at)
            case "deadline":
                self.pass_deadline(step)
            case "give up":
                process.undo("a person says so", at=at)
            case "resume" | "undone by hand":
                self.resume(by_hand=kind == "undone by hand")

    def resume(self, *, by_hand: bool) -> None:
        if self.process.status is ProcessStatus.STUCK and not by_hand:
            for each in self.process.step_records:
                self.allowed[each.name] += each.status is StepStatus.STUCK
        self.process.resume(at=NOON, is_undone_by_hand=by_hand)

    def pass_deadline(self, step: Step) -> None:
        """Call as a timer does: if it is still set, and it is gone then."""
        if self.process.timer(TimeUp, step.name):
            self.process.cancel_timer(TimeUp, step.name)
            self.process.pass_deadline(step.name, at=NOON)

    def command_id(self, step: Step, purpose: str) -> str:
        return self.process._command_id(step.name, Purpose(purpose))  # noqa: SLF001 - a receiver knows it

    def note_spared(self, step: Step, before: StepStatus | None) -> None:
        """Note a step that failed before it was to be undone."""
        record = self.process.step(step.name)
        has_failed = record is not None and record.status is StepStatus.FAILED is not before
        if has_failed and step.name not in [*self.undone, *self.new_undos()]:
            self.spared.add(step.name)

    def new_undos(self) -> list[str]:
        return [
            each.command.step
            for each in self.process.recorded
            if isinstance(each, Identified) and isinstance(each.command, Undo)
        ]

    def observe(self) -> None:
        """Commit, and look whether all promises are kept."""
        self.undone += self.new_undos()
        self.process.recorded.clear()
        self.require_bookkeeping()
        self.require_undone_once_in_reverse()
        self.require_stored_form()

    def require_bookkeeping(self) -> None:
        process = self.process
        statuses = [each.status for each in process.step_records]
        is_stuck = process.status is ProcessStatus.STUCK
        assert not process.is_stranded
        assert is_stuck == (StepStatus.STUCK in statuses) == (process.stuck_since is not None)
        assert (process.ended_at is not None) == (process.status in ENDED)
        if process.status in ENDED:
            assert process.timers == ()
        if process.status is ProcessStatus.UNDONE:
            assert set(statuses) <= {StepStatus.UNDONE, StepStatus.FAILED}
        if process.status is ProcessStatus.UNDOING:
            assert statuses.count(StepStatus.UNDOING) >= 1
        for each in process.timers:
            record = process.step(each.key)
            assert record is not None
            assert record.status in {StepStatus.WAITING, StepStatus.UNDOING}

    def require_undone_once_in_reverse(self) -> None:
        begun = [each.name for each in self.process.step_records]
        times = Counter(self.undone)
        for name, count in times.items():
            assert name in begun, "undone, and never begun"
            assert name not in self.spared, "undone, though it had no effect"
            assert count <= 1 + self.allowed[name], "undone twice"
        order = [begun.index(each) for each in dict.fromkeys(self.undone)]
        assert order == sorted(order, reverse=True)

    def require_stored_form(self) -> None:
        codec = codec_for(Errand)
        stored = through_bson(codec.encode(self.process))
        stored |= {"_id": "e-1", "version": 0, "sequence": 0}
        found = codec.decode(stored)
        found.replace_timers(self.process.timers)  # kept apart from the state
        assert state_of(found) == state_of(self.process)


KINDS = (
    "done",
    "failed",
    "refused",
    "undo refused",
    "undone",
    "deadline",
    "give up",
    "resume",
    "undone by hand",
)
SOME_STEPS = st.lists(st.sampled_from(STEPS), unique=True, max_size=3)
MESSAGES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(STEPS), SOME_STEPS), max_size=40
)


@given(first=SOME_STEPS.filter(bool), messages=MESSAGES)
def test_a_process_keeps_its_promises(
    first: list[Step], messages: list[tuple[str, Step, list[Step]]]
) -> None:
    errands = Errands(first)
    for kind, step, following in messages:
        errands.message(kind, step, following)
        errands.message(kind, step, [])  # it comes twice


@given(first=SOME_STEPS.filter(bool), messages=MESSAGES)
def test_whatever_happened_it_can_be_brought_to_its_end(
    first: list[Step], messages: list[tuple[str, Step, list[Step]]]
) -> None:
    errands = Errands(first)
    for message in messages:
        errands.message(*message)
    if errands.process.status is ProcessStatus.RUNNING:
        errands.message("give up", STEPS[0], [])
    for _ in STEPS:
        for each in STEPS:
            errands.message("deadline", each, [])
        errands.message("undone by hand", STEPS[0], [])
    assert errands.process.has_ended
