"""Several steps at once, what a process may override, and what its class declares."""

import subprocess
import sys
from datetime import timedelta

import pytest

from carafe.domain.errors import InvalidValue
from carafe.domain.process import Process, process_id
from carafe.domain.process_declarations import faults_of_processes
from carafe.domain.process_state import ProcessStatus
from carafe.domain.steps import Step, StepStatus, UnknownStep
from carafe.testing.examples import NOON
from tests.support.reminding import (
    Reminding,
    StepOverdue,
    StrictReminding,
    a_reminding,
)
from tests.support.reminding_library import library_of, told_by
from tests.support.visits import (
    FIRST,
    HOUR,
    LATER,
    SECOND,
    SEEN,
    Knock,
    Leave,
    Silence,
    Visit,
    deadline,
    parallel,
    sent,
    statuses,
)

# Several steps at once, and hooks


def test_steps_may_wait_at_once_each_with_its_deadline() -> None:
    process = parallel()
    assert [each.key for each in process.timers] == ["first", "second"]
    assert process.complete(FIRST, at=LATER) is True
    assert [each.key for each in process.timers] == ["second"]


def test_of_steps_at_once_the_later_is_undone_first() -> None:
    process = parallel()
    process.fail(FIRST, "nobody home", at=LATER)
    assert statuses(process) == {"first": "failed", "second": "undoing"}
    process.confirm_undo(SECOND, at=LATER)
    assert (process.status, sent(process)) == (ProcessStatus.UNDONE, [Knock, Knock, Leave])


def test_a_process_may_do_something_else_when_a_deadline_passes() -> None:
    process = parallel()
    process.pass_deadline("first", at=LATER)
    assert deadline(process, FIRST) == LATER + HOUR
    process.pass_deadline("second", at=LATER)
    assert process.status is ProcessStatus.COMPLETED


def test_what_follows_when_everything_is_undone_is_done_then() -> None:
    process, before = parallel(), SEEN.after_undo
    process.undo("enough", at=LATER)
    process.confirm_undo(SECOND, at=LATER)
    assert SEEN.after_undo == before
    process.confirm_undo(FIRST, at=LATER)
    assert SEEN.after_undo == before + 1


def test_a_process_that_waits_for_nothing_is_stranded() -> None:
    process = Visit(id="v-1", begun_at=NOON)
    assert process.is_stranded
    process.begin(FIRST, Knock(), at=NOON)
    assert not process.is_stranded
    process.complete(FIRST, at=LATER)
    assert process.is_stranded
    process.undo("enough", at=LATER)
    assert not process.is_stranded


# What a class declares


def test_its_id_follows_from_what_it_is_about() -> None:
    assert process_id(Reminding, "l-1") == process_id(Reminding, "l-1")
    ids = {
        process_id(Reminding, "l-1"),
        process_id(Reminding, "l-2"),
        process_id(Reminding, "l", "1"),
        process_id(Visit, "l-1"),
    }
    assert len(ids) == 4
    assert process_id(Reminding, "l-1") == "cad7f930-f0b6-85f2-b335-ee2fd0be907d"


@pytest.mark.parametrize("correlation", [(), ("",), ("l-1", ""), (None,)])
def test_a_correlation_that_is_missing_is_an_error(correlation: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue, match="correlation: is missing"):
        process_id(Reminding, *correlation)


def test_the_ids_of_its_commands_never_change() -> None:
    """They are remembered by receivers, whatever code sends them again."""
    assert a_reminding(at=NOON).command_ids == ("fc10fb76-cebf-898f-bb51-94d66552bfbf",)


def test_a_step_that_is_declared_no_longer_is_a_clear_error() -> None:
    reminding = a_reminding(at=NOON)
    unknown = Step(name="forgotten", within=None)
    with pytest.raises(UnknownStep, match="There is no step forgotten: keep it in STEPS"):
        reminding.begin(unknown, at=NOON)
    assert statuses(reminding) == {"blocking": "waiting"}
    assert reminding.step("forgotten") is None


def declaring(*steps: Step) -> type[Process]:
    return type("Sketch", (Process,), {"STEPS": steps, "DEADLINE": StepOverdue})


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([Step(name="Send It", within=None)], "the step 'Send It' of Sketch must be named"),
        ([FIRST, FIRST], "Sketch has two steps of the name first"),
        ([Step(name="one", within=None, undo_within=HOUR)], "one of Sketch has undo_within, but"),
        ([Step(name="one", within=timedelta())], "one of Sketch must wait for more than nothing"),
    ],
)
def test_what_is_wrong_with_a_step_is_told(steps: list[Step], fault: str) -> None:
    faults = faults_of_processes({declaring(*steps): [StepOverdue]})
    assert [fault in each for each in faults] == [True]


def test_a_process_declares_its_steps_and_its_deadline() -> None:
    assert faults_of_processes({Reminding: [StepOverdue], Visit: [Silence]}) == []
    assert faults_of_processes({Process: []}) == [
        "Process.STEPS is missing",
        "Process.DEADLINE is missing",
    ]
    assert faults_of_processes({Reminding: [Silence]}) == [
        "Reminding.DEADLINE must be a Timer that is declared beside Reminding"
    ]
    assert faults_of_processes({Reminding: [StepOverdue], StrictReminding: [StepOverdue]}) == [
        "Reminding and StrictReminding share the DEADLINE StepOverdue"
    ]


def test_statuses_of_steps_and_processes_never_change() -> None:
    """They are stored."""
    assert [each.value for each in ProcessStatus] == [
        "running",
        "completed",
        "undoing",
        "undone",
        "stuck",
    ]
    assert [each.value for each in StepStatus] == [
        "waiting",
        "done",
        "failed",
        "undoing",
        "undone",
        "stuck",
    ]


def test_a_service_without_processes_does_not_load_them() -> None:
    """Each function pays for what it needs, when it begins."""
    lines = (
        "import sys",
        "import carafe.infrastructure.service, carafe.api.functions",
        "assert 'carafe.domain.timers' in sys.modules",
        "assert not [each for each in sys.modules if each.startswith('carafe.domain.process')]",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_a_process_that_declares_no_deadline_is_a_fault() -> None:
    told = told_by("library", "members", "post")
    bare = type("Bare", (Process,), {"__module__": Reminding.__module__})
    with pytest.raises(ValueError, match=r"processes: Bare\.STEPS is missing; Bare\.DEADLINE"):
        library_of(told, "library", repositories={bare: "nowhere:Bare"})
