"""An account that cannot take the platform says so before the twenty minutes of a broker begin."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from carafe.development.cli import main
from tests.support.account import Account
from tests.support.command_runner import CommandRunner

NAME = "brokers"


@pytest.fixture(autouse=True)
def led_there(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is led to the account."""
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)


def preflight(parameters: Mapping[str, str], stack: str = NAME) -> Result:
    words = [f"--parameter={name}={value}" for name, value in parameters.items()]
    return CommandRunner().invoke(main, ["platform", "--preflight", "--stack", stack, *words])


@pytest.mark.parametrize("size", ["dev", "small-prod", "prod"])
def test_an_account_takes_each_size(account: Account, size: str, tmp_path: Path) -> None:
    result = preflight({**account.private_network("abc"), "Size": size})
    assert result.output == f"account 123456789012 takes the stack {NAME}\n"
    assert result.exit_code == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("zones", "parameters", "message"),
    [
        ("abc", {"BrokerVersion": "4.3"}, "RabbitMQ 4.3 is not offered on mq.m7g.large"),
        ("ab", {"Size": "prod"}, "the subnets are in 2 availability zones: three nodes need one"),
        ("abd", {"Size": "prod"}, "Amazon MQ offers no mq.m7g.large in us-east-1d"),
        ("da", {"Size": "dev"}, "Amazon MQ offers no mq.m7g.medium in us-east-1d"),
        ("aa", {"Size": "dev"}, "the subnets are all in us-east-1a"),
        ("abc", {"Size": "huge"}, "Size cannot be huge: it is one of dev, small-prod, prod"),
        ("abc", {"Sizes": "prod"}, "the template has no parameter Sizes; it has VpcId"),
    ],
)
def test_what_would_be_refused_is_told(
    account: Account, zones: str, parameters: Mapping[str, str], message: str
) -> None:
    result = preflight({**account.private_network(zones), **parameters})
    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert message in result.output


def test_one_node_may_be_where_the_other_subnets_have_none(account: Account) -> None:
    assert preflight({**account.private_network("ad"), "Size": "dev"}).exit_code == 0


def test_a_region_without_such_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    result = preflight({"Size": "dev"})
    assert "Amazon MQ offers no mq.m7g.medium for RabbitMQ in this region" in result.output


@pytest.fixture
def broker(account: Account) -> Iterator[str]:
    """The name of a broker that is there."""
    identifier = account.broker("taken")
    yield "taken"
    account.client("mq").delete_broker(BrokerId=identifier)


def test_a_name_that_is_taken(account: Account, broker: str) -> None:
    """Such as by what an earlier stack of the name has left."""
    account.client("secretsmanager").create_secret(Name=f"{broker}/bootstrap", SecretString="{}")
    result = preflight({}, stack=broker)
    assert result.exit_code == 1
    assert (
        f"broker {broker}, secret {broker}/bootstrap: there already, and no part" in result.output
    )


def test_what_belongs_to_the_stack_is_in_nobodys_way(account: Account, broker: str) -> None:
    cloudformation = account.client("cloudformation")
    topic = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    cloudformation.create_stack(StackName=broker, TemplateBody=topic)
    result = preflight({}, stack=broker)
    cloudformation.delete_stack(StackName=broker)
    assert result.exit_code == 0, result.output
