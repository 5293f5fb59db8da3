"""Several stages of a service in one account: they share nothing, and a preview leaves nothing."""

import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from carafe.development.deployment.deploy import Deployment, Options
from carafe.development.deployment.errors import PackagingFailed
from carafe.development.deployment.package import TEMPLATE, Package, build_package, faults_in
from carafe.development.deployment.stack import Stack
from carafe.development.deployment.stages import read_stage
from carafe.development.project import Project
from tests.support.account import Account
from tests.support.lambda_server import LambdaServer
from tests.support.places import FOUNDATION
from tests.support.stage_templates import with_stage

Template = dict[str, Any]
Plant = Callable[[Template], object]

HOW_TO = (FOUNDATION / "carafe/development/pages/stages.md").read_text()
NAMES_OF_NOTHING = {"MetricName", "StageName"}
"""Names that are nothing in the account by themselves."""


def _read(package: Package) -> Template:
    template: Template = json.loads((package.folder / TEMPLATE).read_text())
    return template


def _names(template: Template) -> set[str]:
    """Return the type and the name of whatever has a name."""
    return {
        f"{resource['Type']} {value}"
        for resource in template["Resources"].values()
        for key, value in resource.get("Properties", {}).items()
        if key.endswith("Name") and key not in NAMES_OF_NOTHING and isinstance(value, str)
    }


def test_two_stages_have_no_name_in_common(packages: Mapping[str, Package]) -> None:
    dev, prod = _names(_read(packages["dev"])), _names(_read(packages["prod"]))
    assert len(dev) == len(prod) > 40
    assert dev & prod == set()


def _set(resource: str, key: str, value: object) -> Plant:
    def plant(template: Template) -> None:
        template["Resources"][resource]["Properties"][key] = value

    return plant


def _without(resource: str, key: str) -> Plant:
    def plant(template: Template) -> None:
        del template["Resources"][resource]["Properties"][key]

    return plant


def _without_dimension(template: Template) -> None:
    template["Resources"]["EventsWaitLong"]["Properties"]["Dimensions"].pop()


def _of_all_apis(template: Template) -> None:
    (dimension,) = template["Resources"]["ApiSlow"]["Properties"]["Dimensions"]
    dimension["Value"] = "ordering"


def _with_setting(name: str, value: object) -> Plant:
    def plant(template: Template) -> None:
        properties = template["Resources"]["Sweep"]["Properties"]
        properties["Environment"]["Variables"][name] = value

    return plant


def _on_all_stages_host(template: Template) -> None:
    mapping = template["Resources"]["ConsumeInbox"]["Properties"]
    mapping["SourceAccessConfigurations"][1]["URI"] = "/"


def _with_resource(kind: str, **properties: object) -> Plant:
    def plant(template: Template) -> None:
        template["Resources"]["Own"] = {"Type": kind, "Properties": properties}

    return plant


def _exporting(template: Template) -> None:
    template["Outputs"]["EndpointURL"]["Export"] = {"Name": "ordering-url"}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_set("OrderingNudgesQueue", "QueueName", "ordering-nudges"), "OrderingNudgesQueue is cal"),
        (
            _set("SettingsSecret", "Name", "ordering/settings"),
            'SettingsSecret is called "ordering/',
        ),
        (_set("ApiSlow", "AlarmName", "ordering-ApiSlow"), 'ApiSlow is called "ordering-ApiSlow"'),
        (_set("Dashboard", "DashboardName", "ordering"), 'Dashboard is called "ordering"'),
        (_set("Bridge", "FunctionName", "ordering-bridge"), 'Bridge is called "ordering-bridge"'),
        (_set("Bridge", "FunctionName", "ordering-production"), "Bridge is called"),
        (_without("Bridge", "FunctionName"), "Bridge is called null"),
        (
            _set("BridgeRole", "RoleName", "ordering-bridge"),
            'BridgeRole is called "ordering-bridge"',
        ),
        (_without("RestAPI", "Name"), "RestAPI is called null"),
        (
            _with_resource("AWS::SNS::Topic", TopicName={"Fn::Sub": "alarms-${AWS::Region}"}),
            "Own is called",
        ),
        (_with_resource("AWS::DynamoDB::Table", TableName="orders"), 'Own is called "orders"'),
        (_with_resource("AWS::S3::Bucket", BucketName="covers"), 'Own is called "covers"'),
        (_exporting, 'EndpointURL is called "ordering-url"'),
        (_without_dimension, "EventsWaitLong counts what happens in other stages as well"),
        (_of_all_apis, "ApiSlow counts the requests of other stages as well"),
        (_with_setting("STAGE", "dev"), "Sweep is told another STAGE than prod"),
        (_with_setting("MONGO_DATABASE", "ordering"), "Sweep is told another MONGO_DATABASE than"),
        (_with_setting("RABBITMQ_URL", "amqps://b:5671"), "Sweep is led to another virtual host"),
        (_on_all_stages_host, "ConsumeInbox takes from another virtual host than prod"),
    ],
)
def test_a_name_without_the_stage_is_found(
    project: Project, packages: Mapping[str, Package], plant: Plant, fault: str
) -> None:
    template, stage = _read(packages["prod"]), read_stage("prod", project)
    plant(template)
    faults = faults_in(template, project, stage)
    assert any(each.startswith(fault) for each in faults), faults


def test_a_name_by_the_stack_or_another_resource_is_the_stages_own(
    project: Project, packages: Mapping[str, Package]
) -> None:
    template, stage = _read(packages["prod"]), read_stage("prod", project)
    _with_resource("AWS::S3::Bucket", BucketName={"Fn::Sub": "${AWS::StackName}-covers"})(template)
    _set("BridgeRole", "RoleName", {"Fn::Sub": "${Dashboard}-bridge"})(template)
    _set("SweepRole", "RoleName", {"Ref": "AWS::StackName"})(template)
    assert faults_in(template, project, stage) == []


# A preview


def _configured(project: Project, name: str, **settings: object) -> Project:
    """Add the preview of the how-to to a tree, with other settings; None leaves one out."""
    ((_, preview),) = json.loads(re.findall(r"```json\n(.*?)```", HOW_TO, re.DOTALL)[0]).items()
    stage = {key: value for key, value in {**preview, **settings}.items() if value is not None}
    return with_stage(project, name, **stage)


def test_a_preview_is_packaged_and_deleted_with_all_that_it_has(
    small: Project, tmp_path: Path
) -> None:
    built = build_package(_configured(small, "pr7"), "pr7", tmp_path / "package", print)
    template = _read(built)
    fates = {
        (each["Type"], each.get("DeletionPolicy"), each.get("UpdateReplacePolicy"))
        for each in template["Resources"].values()
        if each["Type"] in {"AWS::SQS::Queue", "AWS::SecretsManager::Secret"}
    }
    assert {fate for _, *fate in map(list, fates) for fate in fate} == {"Delete"}
    assert template["Resources"]["BrokerAccess"]["Properties"]["DeletionPolicy"] == "Delete"
    policies = json.dumps(
        [each for each in template["Resources"].values() if "Role" in each["Type"]]
    )
    assert "ordering-pr7-nudges" in policies
    assert "${stage}" not in policies
    functions = {each["FunctionName"] for each in _properties(template, "Serverless::Function")}
    groups = [json.dumps(each["LogGroupName"]) for each in _properties(template, "LogGroup")]
    assert sum("/aws/lambda/" in each for each in groups) == len(functions)


def _properties(template: Template, kind: str) -> list[dict[str, Any]]:
    resources = template["Resources"].values()
    return [each["Properties"] for each in resources if each["Type"].endswith(kind)]


def test_a_preview_that_would_leave_something_is_not_packaged(
    small: Project, packages: Mapping[str, Package]
) -> None:
    template = _read(packages["prod"])  # whose queues and secrets stay
    stage = read_stage("pr7", _configured(small, "pr7", log_retention_in_days=None))
    faults = faults_in(template, small, stage)
    assert (
        "SettingsSecret has another DeletionPolicy than Delete, and would be left behind" in faults
    )
    assert any(each.startswith("the logs of the stage pr7 would be left behind") for each in faults)


def test_stages_that_share_a_cluster_have_databases_of_their_own(small: Project) -> None:
    names = [read_stage(each, _configured(small, "pr7")).database for each in ("dev", "pr7")]
    assert names == ["ordering-dev", "ordering-pr7"]
    _configured(small, "pr7", mongodb_database="ordering")
    assert read_stage("pr7", small).database == "ordering"


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("pr-7", {}, "the stage 'pr-7' in .* without hyphen"),
        ("p" * 17, {}, "up to 16 letters and digits"),
        ("pr7", {"deletion_policy": "Snapshot"}, 'deletion_policy .* such as "Delete"'),
        ("pr7", {"mongodb_database": "a.b"}, "mongodb_database in"),
        ("pr7", {"mongodb_connections": 0}, "mongodb_connections in"),
    ],
)
def test_what_a_stage_cannot_be_is_told(
    small: Project, name: str, settings: dict[str, object], message: str
) -> None:
    _configured(small, name, **settings)
    with pytest.raises(PackagingFailed, match=message) as failure:
        read_stage(name, small)
    assert "\n" not in str(failure.value)


# In an account


def _queues(account: Account) -> set[str]:
    urls = account.client("sqs").list_queues().get("QueueUrls", [])
    return {each.rpartition("/")[2] for each in urls}


def _alarms(account: Account) -> set[str]:
    pages = account.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return {each["AlarmName"] for page in pages for each in page["MetricAlarms"]}


def test_both_stages_are_deployed_to_one_account_and_one_is_deleted(
    project: Project,
    packages: Mapping[str, Package],
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    network = account.private_network()
    with LambdaServer() as functions:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        for name in packages:
            functions.functions[f"ordering-{name}-migrate"] = lambda _event: {
                "output": "",
                "errors": "",
                "exit_code": 0,
            }
            stack = Stack(f"ordering-{name}", wait=lambda: None)
            options = Options(network, package=packages[name].folder, is_confirmed=True)
            console = Console(file=io.StringIO())
            deployment = Deployment(
                project, name, options, console, lambda _: True, stack, lambda _, __: None
            )
            assert deployment.run()
    both = _queues(account), _alarms(account)
    account.client("cloudformation").delete_stack(StackName="ordering-dev")
    left = _queues(account), _alarms(account)
    for before, after in zip(both, left, strict=True):
        of_prod = {each for each in before if each.startswith("ordering-prod-")}
        assert len(before) == 2 * len(of_prod)
        assert after >= of_prod
