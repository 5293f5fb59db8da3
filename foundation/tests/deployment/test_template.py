"""The template is right for CloudFormation, and safe for events."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carafe.api.gateway import REFUSALS
from carafe.development.deployment.package import TEMPLATE, Package, faults_in
from carafe.development.deployment.stages import Stage, read_stage
from carafe.development.deployment.template import broker
from carafe.development.project import Project
from tests.support.places import FOUNDATION
from tests.support.stage_templates import TRANSFORM, run_tool, transform

Template = dict[str, Any]


def test_cloudformation_takes_both_forms(package: Package, checking_tools: Path) -> None:
    """As it is, and as CloudFormation transforms it."""
    transformed = transform(package, checking_tools)
    kinds = {each["Type"] for each in transformed["Resources"].values()}
    assert "AWS::Lambda::EventSourceMapping" in kinds
    assert not any(kind.startswith("AWS::Serverless") for kind in kinds)


def test_partial_batches_survive_the_transformation(package: Package, checking_tools: Path) -> None:
    printed = run_tool(checking_tools, "-m", TRANSFORM, str(package.folder / TEMPLATE))
    mappings = [
        each["Properties"]
        for each in json.loads(printed)["Resources"].values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "Queues" not in each["Properties"]
    ]
    answers = [each["FunctionResponseTypes"] for each in mappings]
    assert answers == [["ReportBatchItemFailures"]] * 2


@pytest.fixture
def stage(project: Project, template: Template) -> Stage:
    """The stage of the template."""
    return read_stage(_properties(template, "Sweep")["Environment"]["Variables"]["STAGE"], project)


def test_the_template_breaks_no_rule(project: Project, stage: Stage, template: Template) -> None:
    assert faults_in(template, project, stage) == []


def _properties(template: Template, name: str) -> Any:  # noqa: ANN401 - a template
    return template["Resources"][name]["Properties"]


def _without_a_variable(template: Template) -> None:
    del _properties(template, "Consume")["Environment"]["Variables"]["NUDGE_QUEUE_URL"]


def _without_the_secret(template: Template) -> None:
    del _properties(template, "APIHandler")["Environment"]["Variables"]["SECRET_ID"]


def _not_to_be_filled_in(template: Template) -> None:
    template["Resources"]["SettingsSecret"]["Metadata"]["ToFillIn"].remove("MONGO_URI")


def _visible_too_soon(template: Template) -> None:
    _properties(template, "OrderingNudgesQueue")["VisibilityTimeout"] -= 1


def _without_dead_letters(template: Template) -> None:
    del _properties(template, "OrderingCommandsQueue")["RedrivePolicy"]


def _all_or_nothing(template: Template) -> None:
    for event in _properties(template, "Bridge")["Events"].values():
        del event["Properties"]["FunctionResponseTypes"]


def _connected_too_soon(template: Template) -> None:
    template["Resources"]["ConsumeInbox"]["DependsOn"] = []


def _silent_alarm(template: Template) -> None:
    _properties(template, "InboxParked")["TreatMissingData"] = "notBreaching"


def _metric_of_the_broker(template: Template) -> None:
    _properties(template, "InboxDeep")["Namespace"] = "AWS/AmazonMQ"


def _broker_of_its_own(template: Template) -> None:
    template["Resources"]["Broker"] = {"Type": "AWS::AmazonMQ::Broker", "Properties": {}}


def _deleted_with_the_stack(template: Template) -> None:
    template["Resources"]["OrderingNudgesQueue"]["DeletionPolicy"] = "Delete"


def _deleted_when_replaced(template: Template) -> None:
    del template["Resources"]["SettingsSecret"]["UpdateReplacePolicy"]


def _reserved_everywhere(template: Template) -> None:
    _properties(template, "Sweep")["ReservedConcurrentExecutions"] = 1


def _merged_into_nothing(template: Template) -> None:
    template["Resources"]["Bridges"] = {"Properties": {}}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_without_a_variable, "Consume lacks the setting NUDGE_QUEUE_URL"),
        (_without_the_secret, "APIHandler lacks the setting MONGO_URI"),
        (_not_to_be_filled_in, "Sweep lacks the setting MONGO_URI"),
        (_visible_too_soon, "ordering-STAGE-nudges shows messages again"),
        (_without_dead_letters, "ordering-STAGE-commands has no dead-letter queue"),
        (_all_or_nothing, "Bridge cannot return single messages"),
        (_connected_too_soon, "ConsumeInbox may be connected before its queue exists"),
        (_silent_alarm, "InboxParked would be silent while nobody measures"),
        (_metric_of_the_broker, "InboxDeep reads a metric that Amazon MQ does not have"),
        (_broker_of_its_own, "Broker is a broker of the service's own"),
        (_deleted_with_the_stack, "OrderingNudgesQueue has another DeletionPolicy"),
        (_deleted_when_replaced, "SettingsSecret would be deleted when it is replaced"),
        (_reserved_everywhere, "Sweep reserves executions even where an account has none"),
        (_merged_into_nothing, "Bridges is not a resource"),
    ],
)
def test_a_planted_fault_is_found(
    project: Project,
    stage: Stage,
    template: Template,
    plant: Callable[[Template], None],
    fault: str,
) -> None:
    plant(template)
    faults = faults_in(template, project, stage)
    assert any(each.startswith(fault.replace("STAGE", stage.name)) for each in faults), faults


def test_a_person_fills_in_what_the_template_cannot_know(template: Template) -> None:
    """Derived from the service's settings: PAYMENTS_URL is the reference service's own."""
    secret_settings = template["Resources"]["SettingsSecret"]["Metadata"]["ToFillIn"]
    assert secret_settings == ["MONGO_URI", "PAYMENTS_URL", "TOKEN_ISSUER"]


def test_nothing_secret_is_in_the_template(template: Template) -> None:
    """What is secret is generated in AWS; the template only refers to it."""
    secrets = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::SecretsManager::Secret"
    ]
    assert len(secrets) == 2
    assert all("SecretString" not in each for each in secrets)


def test_only_functions_on_the_bus_may_read_its_password(template: Template) -> None:
    readers = {
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Role" and "/broker-" in json.dumps(each)
    }
    assert readers == {"BridgeRole", "SweepRole", "ConsumeRole", "MigrateRole"}


def test_the_timeouts_are_a_ladder(template: Template) -> None:
    """API Gateway gives up after 29 s, and an authorizer's answer must come before that."""
    assert _properties(template, "Authorize")["Timeout"] < 10
    assert _properties(template, "APIHandler")["Timeout"] < 29
    assert _properties(template, "Sweep")["Timeout"] < 60


def test_every_function_is_told_of_when_it_fails_or_is_throttled(template: Template) -> None:
    watched = {
        (each["Properties"]["MetricName"], dimension["Value"])
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        for dimension in each["Properties"].get("Dimensions", [])
        if dimension["Name"] == "FunctionName"
    }
    functions = {
        each["Properties"]["FunctionName"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Serverless::Function"
    }
    assert watched == {(what, name) for what in ("Errors", "Throttles") for name in functions}


@pytest.mark.parametrize(
    ("name", "metric", "threshold"),
    [
        ("EventsWaitLong", "pending_age_seconds", 300),
        ("TimersOverdue", "timer_overdue_seconds", 300),
    ],
)
def test_what_waits_long_is_told_and_so_is_a_sweep_that_does_not_run(
    template: Template, name: str, metric: str, threshold: int
) -> None:
    alarm = _properties(template, name)
    assert (alarm["MetricName"], alarm["Statistic"]) == (metric, "Maximum")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (threshold, "breaching")


@pytest.mark.parametrize(
    ("name", "metric", "statistic", "threshold"),
    [
        ("InboxDeep", "inbox_messages", "Maximum", ("GreaterThanThreshold", 1_000)),
        ("InboxParked", "inbox_parked", "Maximum", ("GreaterThanThreshold", 0)),
        ("EventsUnrouted", "unrouted_messages", "Maximum", ("GreaterThanThreshold", 0)),
        ("InboxUnattended", "inbox_consumers", "Minimum", ("LessThanThreshold", 1)),
    ],
)
def test_what_waits_on_the_broker_is_told_and_so_is_a_queue_that_nobody_measures(
    template: Template, name: str, metric: str, statistic: str, threshold: tuple[str, int]
) -> None:
    """Amazon MQ has no metrics of single queues from RabbitMQ 4 on: the sweep measures them."""
    alarm = _properties(template, name)
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Carafe", metric)
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == (statistic, "breaching")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == threshold


def test_no_alarm_reads_a_metric_of_a_single_queue_of_the_broker(template: Template) -> None:
    read = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] in {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}
        and "AWS/AmazonMQ" in json.dumps(each)
    ]
    assert read == []


def test_one_parked_timer_is_told(template: Template) -> None:
    alarm = _properties(template, "TimersParked")
    told = (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"])
    assert told == ("timers_parked", "Maximum", 0, 1)


def test_each_alarm_stands_in_the_runbook(template: Template) -> None:
    runbook = (FOUNDATION / "carafe/development/pages/operations.md").read_text()
    alarms = [
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    missing = [name for name in alarms if f"`{_kind(name)}`" not in runbook]
    assert missing == []


def _kind(alarm: str) -> str:
    """Return the alarm's name as the runbook has it: one section for all functions and queues."""
    for ending in ("Fails", "Throttled", "DeadLetters", "QueueOld"):
        if alarm.endswith(ending) and alarm != f"Api{ending}":
            return f"…{ending}"
    return alarm


def test_the_gateway_answers_problems_of_its_own(template: Template) -> None:
    body = _properties(template, "RestAPI")["DefinitionBody"]
    responses = body["x-amazon-apigateway-gateway-responses"]
    assert responses.keys() > REFUSALS.keys()
    for name, refusal in REFUSALS.items():
        problem = json.loads(responses[name]["responseTemplates"]["application/json"])
        assert (problem["status"], problem["code"]) == (refusal.status, refusal.code)
        headers = responses[name]["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.X-Content-Type-Options"] == "'nosniff'"


def test_the_service_asks_for_its_place_on_the_broker(
    template: Template, project: Project, stage: Stage
) -> None:
    place = _properties(template, "BrokerAccess")
    topology = json.loads(place["Topology"])
    own = {each["name"] for each in topology["exchanges"] if each["owned"]}
    assert own == {
        "ordering.events",
        "ordering.commands",
        "ordering.unrouted",
        "ordering.inbox.aside",
    }
    assert {each["name"] for each in topology["queues"]} > {"ordering.inbox", "ordering.unrouted"}
    publishers = {each.publisher() for each in project.service.subscribed}
    assert {each["exchange"].partition(".")[0] for each in topology["bindings"]} >= publishers
    login = _properties(template, "BrokerSecret")["GenerateSecretString"]
    assert json.loads(login["SecretStringTemplate"]) == {"username": f"{stage.stack}.a"}


def test_a_service_may_move_to_another_platform(project: Project) -> None:
    """By another resource: CloudFormation does not let one ask another function than before."""
    first = read_stage("prod", project)
    second = replace(first, platform="platform-2")
    names = [
        [name for name, each in broker.resources(project.app, stage).items() if _asks(each)]
        for stage in (first, second)
    ]
    assert names == [["BrokerAccess"], ["BrokerAccessPlatform2"]]
    moved = broker.resources(project.app, second)
    assert moved["ConsumeInbox"]["DependsOn"] == names[1]
    assert "platform-2-BrokerArn" in json.dumps(moved)


def _asks(resource: Any) -> bool:  # noqa: ANN401 - a template
    return bool(resource["Type"] == "Custom::BrokerAccess")


def test_the_dashboard_is_a_page_of_charts(template: Template) -> None:
    body = json.loads(_properties(template, "Dashboard")["DashboardBody"]["Fn::Sub"])
    titles = [each["properties"]["title"] for each in body["widgets"]]
    assert "Age of the oldest pending event, seconds" in titles
    assert {"Age of the oldest timer that is due, seconds", "Timers"} < set(titles)
    assert all(each["properties"]["metrics"] for each in body["widgets"])
