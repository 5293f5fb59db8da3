"""The platform's template: one broker for many services."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carafe.development.cli import main
from carafe.development.platform import command
from carafe.development.platform.command import MOST_BYTES, NAME, PlatformUnsafe
from carafe.development.platform.exports import EXPORTS
from carafe.development.platform.template import template as platform_template
from tests.support.command_runner import CommandRunner
from tests.support.places import FOUNDATION
from tests.support.stage_templates import require_lint

Template = dict[str, Any]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The template as the command writes it."""
    result = CommandRunner().invoke(main, ["platform", "--into", str(tmp_path)])
    assert result.exit_code == 0, result.output
    return tmp_path / NAME


@pytest.fixture
def platform(written: Path) -> Template:
    """The template."""
    read: Template = json.loads(written.read_text())
    return read


def test_cloudformation_takes_it_without_a_bucket(written: Path, checking_tools: Path) -> None:
    assert written.stat().st_size < MOST_BYTES
    require_lint(checking_tools, written)


def test_services_import_what_it_exports_and_no_more(
    platform: Template, template: Template
) -> None:
    imported = set(re.findall(r'"Fn::ImportValue": "platform-(\w+)"', str_of(template)))
    exported = {
        each["Export"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        for each in platform["Outputs"].values()
    }
    assert imported == exported == EXPORTS.keys()


def str_of(template: Template) -> str:
    return json.dumps(template)


def test_production_outlives_an_availability_zone(platform: Template) -> None:
    modes = {name: each["Mode"] for name, each in platform["Mappings"]["Sizes"].items()}
    assert modes == {
        "dev": "SINGLE_INSTANCE",
        "small-prod": "SINGLE_INSTANCE",
        "prod": "CLUSTER_MULTI_AZ",
    }
    assert platform["Parameters"]["Size"]["Default"] == "prod"


def test_rabbitmq_4_runs_on_each_size(platform: Template) -> None:
    """On m7g alone."""
    instances = {each["Instance"] for each in platform["Mappings"]["Sizes"].values()}
    assert all(each.startswith("mq.m7g.") for each in instances)
    assert platform["Parameters"]["BrokerVersion"]["AllowedValues"] == ["3.13", "4.2", "4.3"]


def test_the_user_of_the_beginning_is_nobody_elses(platform: Template) -> None:
    """CloudFormation cannot change RabbitMQ's users: what it reads for them must stay the same."""
    users = [
        name
        for name, each in platform["Resources"].items()
        if "BootstrapSecret" in json.dumps(each) and name != "BootstrapSecret"
    ]
    assert users == ["Broker", "AccessFunction", "AccessRole"]
    (user,) = platform["Resources"]["Broker"]["Properties"]["Users"]
    assert user["Password"]["Fn::Sub"].startswith("{{resolve:secretsmanager:${BootstrapSecret}")
    (policy,) = platform["Resources"]["AccessRole"]["Properties"]["Policies"]
    writers = [
        each["Resource"]
        for each in policy["PolicyDocument"]["Statement"]
        if "secretsmanager:PutSecretValue" in each["Action"]
    ]
    assert "BootstrapSecret" not in json.dumps(writers)


def test_what_holds_messages_or_logins_stays(platform: Template) -> None:
    """With its network: a group in use cannot be deleted, and the stack's deletion would fail."""
    kept = {
        name
        for name, each in platform["Resources"].items()
        if each.get("DeletionPolicy") == "RetainExceptOnCreate"
    }
    assert kept == {"Broker", "BrokerSecurityGroup", "BootstrapSecret", "AdministratorSecret"}


def test_each_alarm_looks_at_the_worst_node_and_tells_of_silence(platform: Template) -> None:
    alarms = {
        name: each["Properties"]
        for name, each in platform["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert alarms.keys() == {"BrokerMemoryHigh", "BrokerDiskLow"}
    runbook = (FOUNDATION / "carafe/development/pages/operations.md").read_text()
    for name, alarm in alarms.items():
        assert f"`{name}`" in runbook
        assert alarm["TreatMissingData"] == "breaching"
        (query,) = [each for each in alarm["Metrics"] if each["Id"] == "node"]
        assert 'SCHEMA("AWS/AmazonMQ", Broker, Node)' in query["Expression"]["Fn::Sub"]


def test_the_template_is_the_same_each_time() -> None:
    assert platform_template() == platform_template()


def _clock_stopped(template: Template) -> None:
    del template["Resources"]["LogsKept"]


def _clock_not_allowed(template: Template) -> None:
    del template["Resources"]["LogsKeptMayCall"]


def _another_brokers_logs(template: Template) -> None:
    role = template["Resources"]["AccessRole"]
    template["Resources"]["AccessRole"] = json.loads(
        json.dumps(role).replace("broker/${Broker}/", "broker/b-1/")
    )


def _own_log_without_end(template: Template) -> None:
    del template["Resources"]["AccessLogGroup"]["Properties"]["RetentionInDays"]


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_clock_stopped, "no clock has the logs of Broker limited"),
        (_clock_not_allowed, "no clock has the logs of Broker limited"),
        (_another_brokers_logs, "no role may limit the logs of Broker"),
        (_own_log_without_end, "AccessLogGroup keeps its logs for ever"),
    ],
)
def test_logs_that_nobody_would_delete_are_found(
    monkeypatch: pytest.MonkeyPatch, plant: Callable[[Template], None], fault: str
) -> None:
    spoilt = platform_template()
    plant(spoilt)
    monkeypatch.setattr(command, "template", lambda: spoilt)
    with pytest.raises(PlatformUnsafe, match=fault):
        command.written()


def test_each_rule_to_the_broker_says_whom_it_is_for(
    platform: Template, template: Template
) -> None:
    rules = [
        each["Properties"]
        for content in (platform, template)
        for each in content["Resources"].values()
        if each["Type"] == "AWS::EC2::SecurityGroupIngress"
    ]
    assert len(rules) == 4
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
    allowed = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}")
    assert all(allowed.fullmatch(each["Description"]) for each in rules)
