"""A command with `--stage` runs in the stage's function, and says there what it says here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from carafe.development.project import Project
from carafe.development.remote import function as remote
from carafe.development.remote.function import LARGEST_TEXT, run_command
from carafe.development.remote.stage_option import without_stage
from carafe.domain.model import collection_of
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import parked_queue
from tests.support.lambda_server import CALLER, FunctionFailed, LambdaServer, Refused
from tests.support.places import ROOT

FUNCTION = "ordering-prod-migrate"


@pytest.fixture
def stage(project: Project, service: Container[Any]) -> Iterator[LambdaServer]:
    """A stage whose function reaches the servers of this test."""
    del service  # it sets the environment of the function
    with LambdaServer() as server:
        server.functions[FUNCTION] = lambda event: run_command(event, project.service)
        yield server


def _carafe(*words: str, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "carafe", *words],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _elsewhere(stage: LambdaServer, *words: str) -> tuple[int, str, str]:
    """Run a command on the stage, from a terminal that reaches none of the stage's servers."""
    own = dict.fromkeys(("MONGO_URI", "RABBITMQ_URL", "AWS_ENDPOINT_URL"), "http://nobody.invalid")
    return _carafe(*words, "--stage", "prod", **own, **stage.environment)


@pytest.mark.parametrize(
    "words",
    [
        ("bus", "check", "--allow-unconsumed"),
        ("bus", "declare"),
        ("database", "plan", "--diff"),
        ("outbox", "status"),
        ("timers", "list"),
    ],
)
def test_it_prints_and_ends_as_it_does_here(stage: LambdaServer, words: tuple[str, ...]) -> None:
    here = _carafe(*words)
    assert _elsewhere(stage, *words) == here
    assert here[1]


def test_what_is_missing_is_made(stage: LambdaServer, service: Container[Any]) -> None:
    collection = service.database[collection_of(next(iter(service.service.repositories)))]
    collection.drop_indexes()
    assert _elsewhere(stage, "database", "plan")[0] == 2
    assert _elsewhere(stage, "database", "apply")[0] == 0
    assert _elsewhere(stage, "database", "plan") == (0, "Nothing differs.\n", "")


def test_a_mistake_is_told_as_here(stage: LambdaServer) -> None:
    code, output, errors = _elsewhere(stage, "parked", "redrive")
    assert (code, output) == (2, "")
    assert "Select messages with a filter" in errors


def test_the_record_names_who_sent_the_command(
    stage: LambdaServer, service: Container[Any]
) -> None:
    """IAM's name for that person, not the user of the function's process."""
    name, url = service.settings.service_name, service.settings.rabbitmq_url
    with closing(connect(parameters_of(url))) as connection:
        connection.channel().basic_publish("", parked_queue(name), b"{}")
    code, output, errors = _elsewhere(stage, "parked", "discard", "--all")
    assert (code, output) == (0, f"1 message: discard done; 0 stay in {parked_queue(name)}.\n")
    (record,) = map(json.loads, errors.splitlines())
    assert (record["audit"], record["by"]) == ("discard", CALLER)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (Refused(404, "ResourceNotFoundException"), "there is no function ordering-prod-migrate"),
        (Refused(403, "AccessDeniedException"), "you may not invoke ordering-prod-migrate: IAM"),
        (Refused(400, "InvalidRuntimeException"), "AWS refuses to invoke ordering-prod-migrate"),
        (
            FunctionFailed({"errorMessage": "2026 Task timed out after 900.00 seconds"}),
            "ordering-prod-migrate did not end within 15 minutes: repeat the command",
        ),
        (
            FunctionFailed({"errorType": "ImportError", "errorMessage": "x"}),
            "ordering-prod-migrate failed (ImportError): look into its log group",
        ),
        ({"unknown": 1}, "ordering-prod-migrate is of another version than this command"),
    ],
)
def test_a_command_that_did_not_run_is_told_in_one_line(outcome: Any, message: str) -> None:  # noqa: ANN401 - any JSON
    def answer(_event: object) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with LambdaServer() as server:
        server.functions[FUNCTION] = answer
        code, output, errors = _elsewhere(server, "outbox", "status")
    assert (code, output, len(errors.splitlines())) == (1, "", 1)
    assert errors.startswith(f"error: {message}")


def test_a_stage_that_does_not_exist_is_told() -> None:
    code, _, errors = _carafe("outbox", "status", "--stage", "staging")
    assert (code, errors) == (
        1,
        "error: there is no stage 'staging' to deploy; .chalice/config.json has dev, prod\n",
    )


def _run(project: Project, *words: str) -> dict[str, Any]:
    return run_command({"command": [*words], "by": "maria"}, project.service)


@pytest.mark.parametrize(
    "words", [("bus", "watch"), ("bus", "publish"), ("up",), ("database", "release"), ("package",)]
)
@pytest.mark.usefixtures("service")
def test_what_is_for_a_terminal_does_not_run_there(
    project: Project, words: tuple[str, ...]
) -> None:
    answer = _run(project, *words)
    assert answer["exit_code"] == 2
    assert "No such command" in answer["errors"]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "error: the event has no `command`, a list of words\n"),
        ({"command": "outbox status"}, "error: the event has no `command`, a list of words\n"),
        ({"command": ["outbox"]}, "error: the event does not say `by` whom it is sent\n"),
    ],
)
def test_an_event_of_another_form_is_refused(
    project: Project, event: dict[str, Any], message: str
) -> None:
    assert run_command(event, project.service) == {
        "output": "",
        "errors": message,
        "exit_code": 2,
    }


@pytest.mark.usefixtures("service")
def test_an_answer_is_never_larger_than_lambda_takes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def print_much(_words: object) -> int:
        sys.stdout.write("\u2028" * LARGEST_TEXT)
        sys.stderr.write("x" * (LARGEST_TEXT + 1))
        return 0

    monkeypatch.setattr(remote, "_exit_code", print_much)
    answer = _run(project, "parked", "list")
    assert len(json.dumps(answer)) < 6_000_000
    assert answer["output"].endswith("narrow it down with a filter.\n")


def test_settings_that_are_missing_are_named(
    project: Project, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the first deployment, before anybody filled in the secret."""
    del service
    project.service.forget()
    monkeypatch.setenv("STAGE", "prod")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", FUNCTION)  # where nothing has a default
    for name in ("MONGO_URI", "RABBITMQ_URL"):
        monkeypatch.delenv(name)
    answer = _run(project, "database", "apply")
    assert answer["exit_code"] == 1
    assert "MONGO_URI is missing" in answer["errors"]


@pytest.mark.parametrize(
    ("words", "others"),
    [
        (["parked", "list", "--stage", "prod"], ["parked", "list"]),
        (["parked", "--stage=prod", "list"], ["parked", "list"]),
        (["parked", "show", "--", "--stage"], ["parked", "show", "--", "--stage"]),
        (["parked", "list", "--stage"], ["parked", "list"]),
    ],
)
def test_the_function_gets_the_other_words(words: list[str], others: list[str]) -> None:
    assert without_stage(words) == others
