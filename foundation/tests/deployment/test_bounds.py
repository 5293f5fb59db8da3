"""The template's limits: each is checked, and the runbook's tables agree with them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from carafe.development.deployment import bounds
from carafe.development.deployment.errors import PackagingFailed
from carafe.development.deployment.stages import Stage, read_stage
from carafe.development.project import Project
from tests.support.places import FOUNDATION
from tests.support.stage_templates import with_stage

from .conftest import Template

Plant = Callable[[Template], None]


@pytest.fixture
def stage(package: Any, project: Project) -> Stage:  # noqa: ANN401 - the package's folder tells it
    return read_stage(package.folder.name, project)


def _properties(template: Template, name: str) -> Any:  # noqa: ANN401 - a template
    return template["Resources"][name]["Properties"]


def _without(name: str, key: str) -> Plant:
    def plant(template: Template) -> None:
        del _properties(template, name)[key]

    return plant


def _with(name: str, key: str, value: object) -> Plant:
    def plant(template: Template) -> None:
        _properties(template, name)[key] = value

    return plant


def _without_policy(queue: str) -> Plant:
    def plant(template: Template) -> None:
        del template["Resources"][f"{queue}Policy"]

    return plant


def _without_statement(queue: str, identifier: str) -> Plant:
    def plant(template: Template) -> None:
        document = _properties(template, f"{queue}Policy")["PolicyDocument"]
        document["Statement"] = [
            each for each in document["Statement"] if each["Sid"] != identifier
        ]

    return plant


def _too_many(template: Template) -> None:
    for event in _properties(template, "Bridge")["Events"].values():
        event["Properties"]["ScalingConfig"]["MaximumConcurrency"] = 1_000


def test_the_template_keeps_its_bounds(template: Template, stage: Stage) -> None:
    assert bounds.faults_in(template, stage) == []


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_without("APIHandler", "ReservedConcurrentExecutions"), "any number of the API's"),
        (_too_many, "the functions may open 2,"),
        (_without("RestAPI", "OpenApiVersion"), "RestAPI lacks OpenApiVersion"),
        (_without("RestAPI", "AccessLogSetting"), "RestAPI logs no requests"),
        (_without("RestAPI", "MethodSettings"), "RestAPI takes any number of requests"),
        (_without("Sweep", "EventInvokeConfig"), "Sweep would be run again for each failure"),
        (
            _with("Sweep", "EventInvokeConfig", {"MaximumRetryAttempts": 0}),
            "runs of Sweep that find no room would pile up",
        ),
        (
            _without("OrderingCommandsQueue", "MessageRetentionPeriod"),
            "a command in ordering-STAGE-commands expires before its last delivery",
        ),
        (
            _without("OrderingNudgesQueue", "MessageRetentionPeriod"),
            "an outage would fill the dead-letter queue of ordering-STAGE-nudges",
        ),
        (
            _without_policy("OrderingCommandsDeadQueue"),
            "OrderingCommandsDeadQueue may be used without encryption",
        ),
        (
            _without_statement("OrderingCommandsQueue", "OnlySenders"),
            "every role of the account that may use SQS may send to OrderingCommandsQueue",
        ),
        (
            _without_statement("OrderingNudgesQueue", "OnlySenders"),
            "every role of the account that may use SQS may send to OrderingNudgesQueue",
        ),
        (
            _without_statement("OrderingNudgesQueue", "OnlyEncrypted"),
            "OrderingNudgesQueue may be used without encryption",
        ),
    ],
)
def test_a_planted_fault_is_found(
    template: Template, stage: Stage, plant: Plant, fault: str
) -> None:
    plant(template)
    faults = bounds.faults_in(template, stage)
    assert any(each.startswith(fault.replace("STAGE", stage.name)) for each in faults), faults


def test_only_the_functions_that_send_may_send(template: Template) -> None:
    """Those of the reference service; the policies of the roles allow the same, and no more."""
    may: dict[str, set[str]] = {}
    for queue in ("Nudges", "Commands"):
        (_, alone) = _properties(template, f"Ordering{queue}QueuePolicy")["PolicyDocument"][
            "Statement"
        ]
        roles = alone["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
        may[queue] = {each["Fn::GetAtt"][0] for each in roles}
    allowed: dict[str, set[str]] = {"Nudges": set(), "Commands": set()}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for queue, roles in allowed.items():
                for statement in json.loads(json.dumps(resource["Properties"]["Policies"]))[0][
                    "PolicyDocument"
                ]["Statement"]:
                    arn = f"-{queue.lower()}"
                    sends = "sqs:SendMessage" in statement["Action"]
                    if sends and any(each.endswith(arn) for each in statement["Resource"]):
                        roles.add(name)
    assert may == allowed
    assert "AuthorizeRole" not in may["Nudges"] | may["Commands"]


def test_people_find_in_the_outputs_what_the_commands_need(template: Template) -> None:
    outputs = template["Outputs"]
    assert {"EndpointURL", "NudgeQueueUrl", "CommandQueueUrl"} <= set(outputs)
    assert {"AlarmsTopicArn", "DashboardName", "RequestLogGroup"} <= set(outputs)


def test_no_body_token_or_address_is_logged_by_the_gateway(template: Template) -> None:
    logged = _properties(template, "RestAPI")["AccessLogSetting"]["Fn::If"][1]["Format"]
    fields = json.loads(logged)
    assert fields["request_id"] == "$context.requestId"
    assert not re.search(r"sourceIp|userAgent|caller|identity|body|authorizer\.claims", logged)


def test_the_runbook_says_how_many_environments_each_cluster_takes(template: Template) -> None:
    """The largest reservation of the API by which the rule still holds."""
    text = (FOUNDATION / "carafe/development/pages/operations.md").read_text("utf-8")
    api = bounds.environments(_properties(template, "APIHandler"))
    assert api is not None
    others = bounds.connections(template["Resources"]) - 2 * api
    for tier, most in (("M10", 1_500), ("M20, M30", 3_000), ("M40", 6_000)):
        environments = int(bounds.USABLE * most - others) // 2
        assert f"| {tier} | {most:,} | {environments:,} |" in text


def test_connections_that_are_no_number_are_refused(small: Project) -> None:
    many = with_stage(small, "prod", mongodb_connections="many")
    with pytest.raises(PackagingFailed, match="mongodb_connections"):
        read_stage("prod", many)
