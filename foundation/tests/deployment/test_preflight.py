"""An account that will not take a stage says so before anything is begun."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from carafe.development.deployment.network import faults_of_network
from carafe.testing.scripted_server import ScriptedServer, respond
from tests.support.account import Account
from tests.support.lambda_server import LambdaServer
from tests.support.places import ROOT


def _preflight(tmp_path: Path, *words: str, **environment: str) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    result = subprocess.run(
        [sys.executable, "-m", "carafe", "preflight", "--stage", "prod", *words],
        cwd=ROOT,
        env={**clean, **nowhere, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def test_no_credentials(tmp_path: Path) -> None:
    code, output = _preflight(tmp_path)
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("error: no credentials for AWS")


def test_nobody_answers(tmp_path: Path) -> None:
    code, output = _preflight(tmp_path, **CREDENTIALS, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("error: AWS cannot be reached (EndpointConnectionError)")


def test_something_else_answers(tmp_path: Path) -> None:
    with ScriptedServer(respond("Forbidden", 403)) as server:
        code, output = _preflight(tmp_path, **CREDENTIALS, AWS_ENDPOINT_URL=server.url)
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith("error: AWS cannot be reached (ResponseParserError)")


@pytest.fixture
def environment(account: Account) -> Iterator[dict[str, str]]:
    """What leads to the account, and to a stand-in for its functions."""
    with LambdaServer() as server:
        yield {**account.environment, "AWS_ENDPOINT_URL_LAMBDA": server.url}


STACK = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
OWN = {"aws:cloudformation:stack-name": "ordering-prod"}


@pytest.fixture
def queue(account: Account) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Creates a queue of the service with tags, and deletes it afterwards."""
    sqs = account.client("sqs")
    yield lambda tags: sqs.create_queue(QueueName="ordering-prod-nudges", tags=dict(tags))
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="ordering-prod-nudges")["QueueUrl"])


def _last(output: str) -> str:
    """Return the verdict, behind the notes."""
    return output.splitlines()[-1]


ACCEPTED = "account 123456789012 takes the stack ordering-prod"


def test_an_account_takes_what_it_has_not(environment: dict[str, str], tmp_path: Path) -> None:
    code, output = _preflight(tmp_path, **environment)
    assert (code, _last(output)) == (0, ACCEPTED)


def test_what_belongs_to_the_stack_is_in_nobodys_way(
    account: Account,
    environment: dict[str, str],
    queue: Callable[[Mapping[str, str]], None],
    tmp_path: Path,
) -> None:
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName="ordering-prod", TemplateBody=json.dumps(STACK))
    queue(OWN)
    code, output = _preflight(tmp_path, **environment)
    cloudformation.delete_stack(StackName="ordering-prod")
    assert (code, _last(output)) == (0, ACCEPTED)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({}, "queue ordering-prod-nudges: taken in account 123456789012 by another stack"),
        (
            OWN,
            "queue ordering-prod-nudges: kept when an earlier stack ordering-prod was deleted, and",
        ),
    ],
)
def test_a_name_that_is_taken(
    environment: dict[str, str],
    queue: Callable[[Mapping[str, str]], None],
    tags: dict[str, str],
    message: str,
    tmp_path: Path,
) -> None:
    """By whomever: also by a stack of the same name, which was deleted, and left it behind."""
    queue(tags)
    code, output = _preflight(tmp_path, **environment)
    assert (code, len(output.splitlines())) == (1, 1)
    assert output.startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("database", "is_accepted"), [("ordering-prod", True), ("ordering", False)]
)
def test_a_stage_is_not_led_to_an_empty_database(
    account: Account, tmp_path: Path, database: str, is_accepted: bool
) -> None:
    with LambdaServer() as server:
        server.variables["ordering-prod-migrate"] = {"MONGO_DATABASE": database}
        there = {**account.environment, "AWS_ENDPOINT_URL_LAMBDA": server.url}
        code, output = _preflight(tmp_path, **there)
    assert (code == 0) is is_accepted
    if not is_accepted:
        assert output.startswith("error: the documents of ordering-prod are in the database order")
        assert 'set "mongodb_database": "ordering" in the stage prod' in output


@pytest.fixture
def led_there(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is led to the account."""
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("led_there")
def test_a_network_that_is_right(account: Account) -> None:
    assert list(faults_of_network(account.private_network())) == []


def _of_one_zone(account: Account) -> Mapping[str, str]:
    return account.private_network(zones="aa")


def _of_another_vpc(account: Account) -> Mapping[str, str]:
    return {**account.private_network(), "VpcId": "vpc-1"}


def _public(account: Account) -> Mapping[str, str]:
    network = account.private_network()
    for subnet in network["SubnetIds"].split(","):
        account.client("ec2").modify_subnet_attribute(
            SubnetId=subnet, MapPublicIpOnLaunch={"Value": True}
        )
    return network


def _missing(account: Account) -> Mapping[str, str]:
    return {**account.private_network(), "SubnetIds": "subnet-12345678"}


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (_of_one_zone, "the subnets are all in us-east-1a: name some in at least 2 availability"),
        (_of_another_vpc, ", not in vpc-1"),
        (_public, "is a public one, where functions reach nothing outside"),
        (_missing, "subnet-12345678"),
    ],
)
@pytest.mark.usefixtures("led_there")
def test_a_network_that_is_not(
    account: Account, network: Callable[[Account], Mapping[str, str]], message: str
) -> None:
    faults = list(faults_of_network(network(account)))
    assert message in "; ".join(faults)


def test_the_network_is_told_by_the_command(environment: dict[str, str], tmp_path: Path) -> None:
    word = "--parameter=SubnetIds=subnet-12345678"
    code, output = _preflight(tmp_path, word, **environment)
    assert (code, len(output.splitlines())) == (1, 1)
    assert "subnet-12345678" in output
