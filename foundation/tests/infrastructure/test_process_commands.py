"""`carafe processes`: what an operator sees of processes, and does to them."""

import getpass
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalice.app import CloudWatchEvent
from click.testing import Result

from carafe.development.cli import main
from carafe.development.deployment.stages import read_stage
from carafe.development.deployment.template import alarms, dashboard
from carafe.development.lambda_context import LambdaContext
from carafe.development.lambda_events import schedule_event
from carafe.development.project import Project
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container
from tests.support.command_runner import CommandRunner
from tests.support.database import recorded_commands
from tests.support.reminding import UnblockCard, reminding_id
from tests.support.reminding_world import World

UNKNOWN = "98a48ca7-2e75-50e8-9c8d-6f3f5bd5a0bd"


@pytest.fixture
def library(world: World, service: Container[Any], monkeypatch: pytest.MonkeyPatch) -> World:
    """The library, which the commands find in place of this project's service."""
    del service  # only its environment
    monkeypatch.setattr("carafe.development.processes.commands.container", lambda: world.container)
    return world


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["processes", *arguments])


def rows(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()[:-1]]


def ids(result: Result) -> list[str]:
    return [row[1] for row in rows(result)]


def audit_records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


def stuck(library: World, loan_id: str = "l-1") -> str:
    library.begin(loan_id)
    for hours in (1, 2):
        library.let_pass(timedelta(hours=hours, seconds=1))
        library.call_timers(loan_id)
    assert library.process(loan_id).status is ProcessStatus.STUCK
    return reminding_id(loan_id)


def completed(library: World, loan_id: str) -> str:
    library.send_letter(loan_id)
    for each in (library.told.sent, library.told.returned):
        library.tell(library.about(each, loan_id))
    return reminding_id(loan_id)


def test_those_that_have_not_ended_are_listed_the_oldest_first(library: World) -> None:
    first = stuck(library)
    library.let_pass(timedelta(hours=1))
    library.begin("l-2")
    done = completed(library, "l-3")
    result = run("list")
    assert ids(result) == [first, reminding_id("l-2")]
    assert result.stdout.endswith("2 processes\n")
    assert "remindings" in result.stdout
    assert "blocking stuck for 60 min; blocking: no answer in time" in result.stdout
    assert ids(run("list", "--status", "completed")) == [done]
    assert ids(run("list", "--status", "stuck", "--status", "completed")) == [first, done]


def test_they_are_chosen_by_class_and_age(library: World) -> None:
    library.begin("l-1")
    library.let_pass(timedelta(days=2))
    library.begin("l-2")
    for name in ("Reminding", "remindings"):
        assert len(ids(run("list", "--process", name))) == 2
    assert ids(run("list", "--older-than", "1d")) == [reminding_id("l-1")]
    assert ids(run("list", "--older-than", "3d")) == []
    limited = run("list", "--limit", "1")
    assert ids(limited) == [reminding_id("l-1")]
    assert limited.stdout.endswith("1 processes, and there are more\n")


def test_listing_uses_an_index(library: World) -> None:
    for number in range(30):
        library.begin(f"l-{number}")
    library.container._repositories.clear()  # noqa: SLF001 - they know the database that is not recorded
    with recorded_commands(library.container) as recorded:
        rows(run("list", "--older-than", "1d"))
    finds = [each for each in recorded.commands if each.get("find") == "remindings"]
    assert finds
    for each in finds:
        command = {name: each[name] for name in ("find", "filter", "sort") if name in each}
        explained = library.container.database.command("explain", command)
        plan = str(explained["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan
        assert "'SORT'" not in plan


def test_one_is_shown_with_its_steps_times_and_deadlines(library: World) -> None:
    library.send_letter()
    process = library.process()
    output = run("show", "Reminding", process.id).output
    assert f"Reminding {process.id}, version 2\nstatus: running\n" in output
    assert "step  blocking  done " in output
    assert "step  sending   waiting " in output
    (due,) = (each.due for each in process.timers)
    assert f"deadline {due:%Y-%m-%dT%H:%M:%SZ}" in output
    assert [line.split()[1] for line in output.splitlines() if line.startswith("sent ")] == list(
        process.command_ids
    )


def test_one_that_is_stuck_is_shown_with_the_reason(library: World) -> None:
    process_id = stuck(library)
    output = run("show", "remindings", process_id).output
    assert "status: stuck" in output
    assert "reason: blocking: no answer in time" in output
    assert "stuck: 20" in output
    assert "step  blocking  stuck" in output


def test_one_is_resumed_by_sending_again(library: World) -> None:
    process_id = stuck(library)
    result = run("resume", "Reminding", process_id)
    assert result.stdout == "1 process: resume done; 0 stay as they were.\n"
    assert library.process().status is ProcessStatus.UNDOING
    assert len(library.command_ids(UnblockCard)) == 2
    (record,) = audit_records(result)
    del record["at"]
    assert record == {
        "audit": "resume",
        "by": getpass.getuser(),
        "collection": "remindings",
        "id": process_id,
        "was": "stuck",
        "undone_by_hand": "no",
    }


def test_one_is_resumed_when_a_person_has_undone_the_step(library: World) -> None:
    result = run("resume", "Reminding", stuck(library), "--undone-by-hand")
    assert result.exit_code == 0
    assert library.process().status is ProcessStatus.UNDONE
    assert audit_records(result)[0]["undone_by_hand"] == "yes"


def test_several_are_resumed_and_a_dry_run_changes_nothing(library: World) -> None:
    stuck(library, "l-1")
    stuck(library, "l-2")
    library.begin("l-3")
    dry = run("resume", "--all", "--dry-run")
    assert dry.stdout.count("would resume remindings") == 2
    assert [library.process(each).status.value for each in ("l-1", "l-2")] == ["stuck"] * 2
    assert run("resume", "--process", "Reminding").exit_code == 0
    statuses = [library.process(each).status.value for each in ("l-1", "l-2", "l-3")]
    assert statuses == ["undoing", "undoing", "running"]


def test_what_is_not_stuck_is_refused(library: World) -> None:
    library.begin()
    result = run("resume", "Reminding", reminding_id("l-1"))
    assert (result.exit_code, result.stdout) == (
        1,
        "0 processes: resume done; 1 stay as they were.\n",
    )
    (record,) = audit_records(result)
    assert record["audit"] == "resume refused: This process is running, not stuck."


def test_one_that_runs_is_given_up(library: World) -> None:
    library.send_letter()
    result = run("undo", "Reminding", reminding_id("l-1"), "--reason", "a mistake")
    assert result.exit_code == 0
    process = library.process()
    assert (process.status, process.reason) == (ProcessStatus.UNDOING, "a mistake")
    assert library.commands()[-2:] == ["letter recall", "card unblock"]
    assert audit_records(result)[0]["reason"] == "a mistake"
    again = run("undo", "Reminding", reminding_id("l-1"), "--reason", "again")
    assert again.exit_code == 1
    assert "undo refused: This process is undoing already." in again.stderr


def test_what_has_ended_is_not_undone(library: World) -> None:
    result = run("undo", "Reminding", completed(library, "l-1"), "--reason", "too late")
    assert result.exit_code == 1
    assert "undo refused: This process is completed, not running." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "Loan", "x"], "There is no process Loan, only: Reminding."),
        (["show", "Reminding", UNKNOWN], f"There is no reminding {UNKNOWN}."),
        (["list", "--process", "Loan"], "There is no process Loan, only: Reminding."),
        (["list", "--older-than", "yesterday"], "'yesterday' is no length of time such as 30m"),
        (["resume"], "Name one process, or select some with a filter or --all."),
        (["resume", "Reminding"], "Name a process by its class and its id."),
        (["resume", "Reminding", UNKNOWN, "--all"], "Name one process, or select some"),
        (["undo", "--all", "--reason", " "], "--reason must say something."),
        (["undo", "--all"], "Missing option '--reason'"),
    ],
)
def test_an_error_is_one_line(library: World, arguments: list[str], message: str) -> None:
    del library
    result = run(*arguments)
    assert result.exit_code in {1, 2}
    assert message in result.output
    assert "Traceback" not in result.output


def test_a_service_without_processes_says_so(service: Container[Any]) -> None:
    if service.service.processes:
        pytest.skip("this service has processes")
    assert run("list").output == "0 processes\n"
    assert (
        "There is no process Reminding; the service has none."
        in run("list", "--process", "Reminding").output
    )


# The metric, and its alarm


def reported(caplog: pytest.LogCaptureFixture) -> Mapping[str, Any]:
    return {
        name: getattr(record, name)
        for record in caplog.records
        for name in ("processes_stuck",)
        if hasattr(record, name)
    }


def test_the_sweep_counts_what_is_stuck(library: World, caplog: pytest.LogCaptureFixture) -> None:
    event = CloudWatchEvent(schedule_event("sweep"), LambdaContext("sweep"))  # type: ignore[arg-type] # Chalice says dict
    with caplog.at_level(logging.INFO):
        library.functions.sweep_overdue(event)
        assert reported(caplog) == {"processes_stuck": 0}
        stuck(library)
        with recorded_commands(library.container) as recorded:
            library.functions.sweep_overdue(event)
    assert reported(caplog) == {"processes_stuck": 1}
    (count,) = (each for each in recorded.commands if each.get("aggregate") == "remindings")
    command = {name: count[name] for name in ("aggregate", "pipeline", "cursor")}
    explained = library.container.database.command("explain", command, verbosity="executionStats")
    assert explained["stages"][0]["$cursor"]["executionStats"]["totalDocsExamined"] == 0


@pytest.mark.parametrize("has_processes", [False, True])
def test_only_a_service_with_processes_has_the_alarm_and_the_chart(
    project: Project, *, has_processes: bool
) -> None:
    stage = replace(read_stage("prod", project), has_processes=has_processes)
    watched = alarms.alarms(project.app, stage)
    assert ("ProcessesStuck" in {each.name for each in watched}) == has_processes
    assert ("processes_stuck" in str(dashboard.resources(project.app, stage))) == has_processes
