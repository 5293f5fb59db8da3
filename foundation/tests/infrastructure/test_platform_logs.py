"""The broker's logs are kept for a limited time, those of groups that come late as well."""

from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from carafe.development.platform.access_resources import KEEPER
from carafe.development.platform.function_code import function_code
from carafe.development.platform.template import template

BROKER = "/aws/amazonmq/broker/b-1"
OTHERS = "/aws/amazonmq/broker/b-12/general"


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - boto3's client has no type
    """CloudWatch Logs, with the groups of two brokers as Amazon MQ makes them."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("BROKER_ID", "b-1")
    monkeypatch.setenv("LOG_DAYS", "14")
    with mock_aws():
        client = boto3.client("logs")
        for name in (f"{BROKER}/general", f"{BROKER}/connection", OTHERS):
            client.create_log_group(logGroupName=name)
        yield client


def run_rule() -> None:
    """Call the platform's function as its clock does."""
    index = ModuleType("index")
    exec(compile(function_code(), "index.py", "exec"), index.__dict__)  # noqa: S102 - our own code
    (target,) = template()["Resources"][KEEPER]["Properties"]["Targets"]
    index.handler(index.json.loads(target["Input"]), None)


def days(client: Any) -> dict[str, int | None]:  # noqa: ANN401 - as above
    found = client.describe_log_groups()["logGroups"]
    return {each["logGroupName"]: each.get("retentionInDays") for each in found}


def test_the_clock_limits_the_logs_of_this_broker_alone(groups: Any) -> None:  # noqa: ANN401
    run_rule()
    assert days(groups) == {f"{BROKER}/general": 14, f"{BROKER}/connection": 14, OTHERS: None}


def test_a_group_that_comes_later_is_limited_the_next_day(
    groups: Any,  # noqa: ANN401 - as above
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_rule()
    capsys.readouterr()
    groups.create_log_group(logGroupName=f"{BROKER}/upgrade")
    run_rule()
    assert days(groups)[f"{BROKER}/upgrade"] == 14
    assert len(capsys.readouterr().out.splitlines()) == 1, "only what changes is recorded"
