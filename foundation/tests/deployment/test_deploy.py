"""`carafe deploy`, from the checkout to the first answers, and again after each kind of failure."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from carafe.development.deployment.change_set import changes_of
from carafe.development.deployment.deploy import Deployment, Options
from carafe.development.deployment.errors import (
    BadParameters,
    DeploymentError,
    DeploymentFailed,
    PackagingFailed,
)
from carafe.development.deployment.package import TEMPLATE, Package
from carafe.development.deployment.parameters import given_parameters, parameters_of_change
from carafe.development.deployment.smoke import smoke_test
from carafe.development.deployment.stack import Stack
from carafe.development.project import Project
from carafe.testing.scripted_server import ScriptedServer, respond
from tests.support.account import Account
from tests.support.lambda_server import LambdaServer

LARGEST_WITHOUT_BUCKET = 51_200
STACK = "ordering-prod"
FUNCTION = "ordering-prod-migrate"


class Stage:
    """A stage that is deployed again and again, and what was said of it.

    Attributes:
        commands: what its function was told to run.
        fault: what the function says of its settings; empty if they are there.
        asked: the addresses that were tested.
    """

    def __init__(self, project: Project, package: Path, network: Mapping[str, str]) -> None:
        self.commands: list[str] = []
        self.fault = ""
        self.asked: list[str] = []
        self._project, self._package, self._network = project, package, network

    def migrate(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Play the stage's function."""
        self.commands.append(" ".join(event["command"]))
        return {"output": "", "errors": self.fault, "exit_code": int(bool(self.fault))}

    def deploy(self, *, agrees: bool = True, **options: Any) -> tuple[bool, str]:  # noqa: ANN401 - as in Options
        """Deploy it, and return whether that was done, and what was printed."""
        output = io.StringIO()
        chosen = {"parameters": self._network, "package": self._package, **options}
        done = Deployment(
            self._project,
            "prod",
            Options(**chosen),
            Console(file=output, width=200),
            confirm=lambda _question: agrees,
            stack=Stack(STACK, wait=lambda: None),
            test=lambda address, _report: self.asked.append(address),
        ).run()
        return done, output.getvalue()


@pytest.fixture
def functions(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaServer]:
    """The functions of the account, to which this process is led."""
    with LambdaServer() as server:
        for name, value in account.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        yield server


@pytest.fixture
def stage(
    project: Project,
    packages: Mapping[str, Package],
    account: Account,
    functions: LambdaServer,
) -> Iterator[Stage]:
    """A stage that was never deployed."""
    stage = Stage(project, packages["prod"].folder, account.private_network())
    functions.functions[FUNCTION] = stage.migrate
    yield stage
    account.client("cloudformation").delete_stack(StackName=STACK)


def _parameters() -> dict[str, str]:
    return Stack(STACK).parameters


MIGRATIONS = ["database apply", "bus declare"]


def test_the_first_time_and_again(stage: Stage, packages: Mapping[str, Package]) -> None:
    template = (packages["prod"].folder / TEMPLATE).read_bytes()
    assert len(template) > LARGEST_WITHOUT_BUCKET  # so that it has to go through S3
    done, output = stage.deploy()
    assert done
    assert "add     Bridge " in output
    assert stage.commands == MIGRATIONS
    assert _parameters()["InboxConnected"] == "true"
    (address,) = stage.asked
    assert address.startswith("https://")
    done, output = stage.deploy()
    assert done
    assert "nothing differs from what is deployed" in output
    assert stage.commands == MIGRATIONS * 2


def test_a_secret_that_nobody_filled_in_is_told_and_the_same_command_goes_on(stage: Stage) -> None:
    stage.fault = "error: the settings are wrong: MONGO_URI is missing.\n"
    with pytest.raises(
        DeploymentFailed, match=r"MONGO_URI is missing.*secret ordering-prod/settings"
    ):
        stage.deploy()
    assert _parameters()["InboxConnected"] == "false"
    stage.fault = ""
    done, _ = stage.deploy()
    assert done
    assert _parameters()["InboxConnected"] == "true"
    assert stage.commands == ["database apply", *MIGRATIONS]


@pytest.mark.parametrize(("unreserved", "is_reserved"), [(10, "false"), (1_000, "true")])
def test_executions_are_reserved_where_the_account_has_some(
    stage: Stage, functions: LambdaServer, unreserved: int, is_reserved: str
) -> None:
    functions.limits = (unreserved, unreserved)
    _, output = stage.deploy()
    assert _parameters()["ReserveConcurrency"] == is_reserved
    assert ("note: the account runs at most 10 functions at once" in output) == (unreserved == 10)


def test_changes_are_only_shown(stage: Stage) -> None:
    done, output = stage.deploy(only_shows=True)
    assert not done
    assert "add     Bridge " in output
    assert (Stack(STACK).status, stage.commands) == ("ABSENT", [])


def test_who_does_not_agree_changes_nothing(stage: Stage) -> None:
    done, _ = stage.deploy(agrees=False)
    assert not done
    assert (Stack(STACK).status, stage.commands) == ("ABSENT", [])


def test_the_package_of_another_stage_is_not_deployed(
    stage: Stage, packages: Mapping[str, Package]
) -> None:
    with pytest.raises(PackagingFailed, match="is no package of ordering, stage prod"):
        stage.deploy(package=packages["dev"].folder)


# What moto does not play


class CloudFormation:
    """A stack that goes through states, one for each look at it.

    Attributes:
        calls: what was asked for.
    """

    def __init__(self, *states: str, events: list[tuple[str, str, str]] | None = None) -> None:
        self.calls: list[str] = []
        self._states = list(states)
        self._events = events or []

    def describe_stacks(self, **_: object) -> dict[str, Any]:
        """Return the next state; the last one again and again."""
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return {"Stacks": [{"StackStatus": state, "StackId": "s-1", "Parameters": []}]}

    def describe_stack_events(self, **_: object) -> dict[str, Any]:
        """Return no events."""
        return {"StackEvents": []}

    def delete_stack(self, **_: object) -> None:
        """Note it."""
        self.calls.append("delete_stack")

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - boto3's
        """Return what pages through the events."""
        return self

    def paginate(self, **_: object) -> list[dict[str, Any]]:
        """Return all events, the newest first."""
        events = [
            {
                "EventId": str(number),
                "LogicalResourceId": name,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "Timestamp": datetime(2026, 1, 1, tzinfo=UTC),
            }
            for number, (name, status, reason) in enumerate(self._events)
        ]
        return [{"StackEvents": events[::-1]}]


def _stack(cloudformation: CloudFormation) -> Stack:
    return Stack(STACK, wait=lambda: None, cloudformation=cloudformation)


def test_what_failed_first_is_the_reason() -> None:
    events = [
        ("Broker", "CREATE_FAILED", "the name is taken"),
        ("Sweep", "CREATE_FAILED", "Resource creation cancelled"),
    ]
    states = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE")
    stack = _stack(CloudFormation(*states, events=events))
    shown: list[str] = []
    with pytest.raises(DeploymentFailed, match="is ROLLBACK_COMPLETE: Broker: the name is taken"):
        shown += (each["LogicalResourceId"] for each in stack.follow())


def test_events_are_shown_once() -> None:
    events = [("Bridge", "UPDATE_COMPLETE", ""), ("Sweep", "UPDATE_COMPLETE", "")]
    states = ("UPDATE_IN_PROGRESS",) * 3 + ("UPDATE_COMPLETE",)
    stack = _stack(CloudFormation(*states, events=events))
    assert [each["LogicalResourceId"] for each in stack.follow()] == ["Bridge", "Sweep"]


def _settle(project: Project, cloudformation: CloudFormation) -> str:
    output = io.StringIO()
    deployment = Deployment(
        project,
        "prod",
        Options({}),
        Console(file=output, width=200),
        confirm=lambda _question: True,
        stack=_stack(cloudformation),
    )
    deployment._settle()  # noqa: SLF001 - the step that is about states
    return output.getvalue()


def test_a_creation_that_failed_is_cleared_away(project: Project) -> None:
    cloudformation = CloudFormation(
        "ROLLBACK_COMPLETE",
        "ROLLBACK_COMPLETE",
        "ROLLBACK_COMPLETE",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
        "REVIEW_IN_PROGRESS",
    )
    assert "its first creation had failed" in _settle(project, cloudformation)
    assert cloudformation.calls == ["delete_stack"]


@pytest.mark.parametrize("state", ["REVIEW_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_change_set_that_was_left_behind_or_rolled_back_is_in_nobodys_way(
    project: Project, state: str
) -> None:
    assert _settle(project, CloudFormation(state)) == ""


def test_a_deployment_that_is_under_way_is_followed(project: Project) -> None:
    cloudformation = CloudFormation("UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE")
    assert "UPDATE_IN_PROGRESS: following it" in _settle(project, cloudformation)


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name ord"),
        ("DELETE_FAILED", "aws cloudformation delete-stack --stack-name ordering-prod"),
        ("ROLLBACK_FAILED", "aws cloudformation delete-stack --stack-name ordering-prod"),
        ("CREATE_FAILED", "aws cloudformation delete-stack --stack-name ordering-prod"),
    ],
)
def test_a_state_that_a_person_must_end_is_told_in_one_line(
    project: Project, state: str, advice: str
) -> None:
    with pytest.raises(DeploymentFailed) as failure:
        _settle(project, CloudFormation(state))
    assert f"is {state}: `{advice}" in str(failure.value)
    assert "\n" not in str(failure.value)


def _entry(action: str, kind: str, replacement: str = "") -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": kind.lower(), "ResourceType": f"AWS::{kind}"}
    return {"ResourceChange": change | ({"Replacement": replacement} if replacement else {})}


def test_the_gravest_changes_come_first() -> None:
    entries = [
        _entry("Add", "SNS::Topic"),
        _entry("Modify", "Lambda::Function", "False"),
        _entry("Modify", "IAM::Role", "True"),
        _entry("Modify", "SQS::Queue", "Conditional"),
        _entry("Remove", "SecretsManager::Secret"),
        _entry("Remove", "CloudWatch::Alarm"),
    ]
    assert [(each.action, each.loses_state, each.is_certain) for each in changes_of(entries)] == [
        ("remove", True, True),
        ("replace", True, False),
        ("remove", False, True),
        ("replace", False, True),
        ("modify", False, True),
        ("add", False, True),
    ]


@pytest.mark.parametrize(("may_replace", "agrees"), [(False, True), (True, True), (True, False)])
def test_what_loses_messages_needs_a_word_of_its_own(
    project: Project, may_replace: bool, agrees: bool
) -> None:
    """`--yes` alone is not enough."""
    deployment = Deployment(
        project,
        "prod",
        Options({}, is_confirmed=agrees, may_replace=may_replace),
        Console(file=io.StringIO()),
        confirm=lambda _question: False,
        stack=_stack(CloudFormation("UPDATE_COMPLETE")),
    )
    changes = changes_of([_entry("Modify", "SQS::Queue", "True")])
    if may_replace:
        assert deployment._is_wanted(changes) is agrees  # noqa: SLF001 - the decision itself
    else:
        with pytest.raises(DeploymentFailed, match="sqs::queue would be replaced or removed"):
            deployment._is_wanted(changes)  # noqa: SLF001 - the same


# Parameters

DECLARED = {"VpcId": {}, "AlarmEmail": {"Default": ""}}


def test_what_is_not_given_stays_as_it_is() -> None:
    values = parameters_of_change(DECLARED, {"AlarmEmail": "a@example.com"}, ["VpcId"], "prod")
    assert values == [
        {"ParameterKey": "AlarmEmail", "ParameterValue": "a@example.com"},
        {"ParameterKey": "VpcId", "UsePreviousValue": True},
    ]


def test_a_parameter_that_the_new_template_lacks_is_dropped() -> None:
    values = parameters_of_change(DECLARED, {"VpcId": "vpc-1"}, ["OfYesterday"], "prod")
    assert [each["ParameterKey"] for each in values] == ["VpcId"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no value for VpcId: give it with `--parameter VpcId=…`, or in .chalice/parameters/"),
        ({"VpcId": "vpc-1", "Vpc": "x"}, "the template has no parameter Vpc; it has VpcId, AlarmE"),
    ],
)
def test_a_parameter_that_is_missing_or_unknown_is_named(
    given: dict[str, str], message: str
) -> None:
    with pytest.raises(BadParameters) as failure:
        parameters_of_change(DECLARED, given, [], "prod")
    assert str(failure.value).startswith(message)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    folder = tmp_path / ".chalice" / "parameters"
    folder.mkdir(parents=True)
    content = {"Parameters": {"VpcId": "vpc-1", "AlarmEmail": "a@example.com"}}
    (folder / "prod.json").write_text(json.dumps(content))
    values = given_parameters(tmp_path, "prod", ["VpcId=vpc-2"])
    assert values == {"VpcId": "vpc-2", "AlarmEmail": "a@example.com"}
    assert given_parameters(tmp_path, "dev", []) == {}


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        ("{", (), r"\.chalice/parameters/prod\.json cannot be read"),
        ('{"VpcId": "vpc-1"}', (), r"prod\.json must be"),
        ('{"Parameters": {"Count": 1}}', (), r"prod\.json must be"),
        ('{"Parameters": {}}', ("VpcId",), "'VpcId' is no parameter: write NAME=VALUE"),
    ],
)
def test_a_file_or_word_of_another_form_is_told(
    tmp_path: Path, content: str, words: tuple[str, ...], message: str
) -> None:
    folder = tmp_path / ".chalice" / "parameters"
    folder.mkdir(parents=True)
    (folder / "prod.json").write_text(content)
    with pytest.raises(BadParameters, match=message):
        given_parameters(tmp_path, "prod", words)


# The first requests


def test_a_stage_that_is_not_ready_yet_is_asked_again() -> None:
    reports: list[str] = []
    steps = respond("", 502), respond({}, 200), respond({}, 503), respond({}, 200)
    with ScriptedServer(*steps) as server:
        smoke_test(f"{server.url}/api/", reports.append, pause=lambda: None)
    assert [each.target for each in server.requests] == ["/api/health"] * 2 + ["/api/ready"] * 2
    assert reports == [f"{server.url}/api/health: 200", f"{server.url}/api/ready: 200"]


def test_a_stage_that_does_not_get_ready_says_why() -> None:
    problem = {"code": "store_unavailable"}
    with (
        ScriptedServer(respond({}, 200), respond(problem, 503)) as server,
        pytest.raises(DeploymentError, match="/ready says 503 store_unavailable"),
    ):
        smoke_test(server.url, print, patience_seconds=0, pause=lambda: None)
