"""The lines of the runbook, run by AWS's own command against moto, as far as moto plays AWS."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from carafe.development.deployment.package import Package
from carafe.development.platform import network as example
from carafe.development.platform.command import NETWORK
from tests.support.account import Account
from tests.support.lambda_server import LambdaServer
from tests.support.places import FOUNDATION

RUNBOOK = (FOUNDATION / "carafe/development/pages/operations.md").read_text()

NOT_PLAYED = {
    "aws cloudformation deploy --stack-name platform": "Amazon MQ in CloudFormation",
    "aws cloudformation continue-update-rollback": "rollbacks of stacks",
    "aws lambda invoke --function-name platform-access": "the platform's function",
    "aws lambda update-event-source-mapping": "mappings of Amazon MQ",
    "aws sso login": "single sign-on",
}
"""What moto does not play; the runbook's last table says what only an account can show."""

BUCKET = "runbook"
OF_VERSION_2 = "--cli-binary-format raw-in-base64-out"
"""What AWS CLI 1 does by itself; the package index has no later one."""


def _lines() -> list[str]:
    """Return the lines that begin with `aws`, of blocks and of sentences."""
    blocks = re.findall(r"```console\n(.*?)```", RUNBOOK, re.DOTALL)
    joined = [re.sub(r"\\\n\s*", "", each) for each in blocks]
    typed = [
        line.strip().removeprefix("$ ")
        for each in joined
        for line in each.splitlines()
        if line.strip().startswith("$ aws ")
    ]
    said = [" ".join(each.split()) for each in re.findall(r"`(aws [^`]*)`", RUNBOOK)]
    return list(dict.fromkeys([*typed, *said]))


def _is_played(line: str) -> bool:
    return not any(line.startswith(each) for each in NOT_PLAYED)


PLAYED = [each for each in _lines() if _is_played(each)]


@pytest.fixture(scope="module")
def account(checking_tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with a bucket, a broker, and the secret that moto's CloudFormation leaves out."""
    account = Account(checking_tools, tmp_path_factory.mktemp("account") / "log")
    account.client("s3").create_bucket(Bucket=BUCKET)
    account.client("secretsmanager").create_secret(Name="ordering-prod/settings", SecretString="{}")
    yield account
    account.end()


@pytest.fixture(scope="module")
def broker(account: Account) -> str:
    """The id of a broker."""
    answer = account.client("mq").create_broker(
        BrokerName="platform",
        EngineType="RABBITMQ",
        EngineVersion="3.13",
        DeploymentMode="SINGLE_INSTANCE",
        HostInstanceType="mq.m7g.medium",
        AutoMinorVersionUpgrade=True,
        PubliclyAccessible=False,
        Users=[{"Username": "administrator", "Password": "a-long-password"}],
    )
    return str(answer["BrokerId"])


@pytest.fixture(scope="module")
def terminal(
    account: Account,
    broker: str,
    packages: Mapping[str, Package],
    checking_tools: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator["Terminal"]:
    """A terminal in the folder of a service that was packaged."""
    folder = tmp_path_factory.mktemp("terminal")
    shutil.copytree(packages["prod"].folder, folder / "build" / "prod")
    (folder / "build" / "platform").mkdir()
    (folder / "build" / "platform" / NETWORK).write_text(json.dumps(example.template()))
    command = folder / "bin" / "aws"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {checking_tools}/bin/aws "$@"\n')
    command.chmod(0o755)
    network = account.private_network("abc")
    values = {
        "SERVICE": "ordering",
        "STAGE": "prod",
        "BUCKET": BUCKET,
        "BROKER": broker,
        "ACCOUNT": "123456789012",
        "subnet-…,subnet-…,subnet-…": network["SubnetIds"],
        "vpc-…": network["VpcId"],
        "/dev/shm": str(folder),  # noqa: S108 - the runbook's
        OF_VERSION_2: "",
    }
    with LambdaServer() as server:
        server.functions["ordering-prod-migrate"] = lambda event: {"output": str(event)}
        yield Terminal(folder, account, checking_tools, server.url, values)


class Terminal:
    """A terminal with AWS's command.

    Args:
        folder: where it is.
        account: whose credentials it has.
        tools: the folder of the command's packages.
        functions: the address of the functions.
        values: what a person types in place of the runbook's words.
    """

    def __init__(
        self,
        folder: Path,
        account: Account,
        tools: Path,
        functions: str,
        values: Mapping[str, str],
    ) -> None:
        self._folder = folder
        self._values = values
        self._environment = {
            **account.environment,
            "PATH": f"{folder / 'bin'}:{os.defpath}",
            "HOME": str(folder),
            "PYTHONPATH": str(tools),
            "AWS_PAGER": "",
        }
        self._functions = {"AWS_ENDPOINT_URL_LAMBDA": functions}

    def run(self, line: str) -> str:
        """Run a line, and return what it prints."""
        typed = line.partition("   # ")[0]
        for word, value in self._values.items():
            typed = typed.replace(word, value)
        invokes = self._functions if "lambda invoke" in line else {}
        done = subprocess.run(
            ["/bin/bash", "-c", typed],
            cwd=self._folder,
            env={**self._environment, **invokes},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{typed}\n{done.stdout}{done.stderr}"
        return done.stdout


def test_what_is_not_played_stands_in_the_runbook() -> None:
    for each in NOT_PLAYED:
        assert any(line.startswith(each) for line in _lines()), each


def test_the_template_needs_the_bucket(terminal: Terminal) -> None:
    """As the runbook says; moto itself takes any size."""
    line = next(each for each in PLAYED if "cloudformation package" in each)
    terminal.run(line)
    deploy = next(each for each in PLAYED if "packaged.yaml --s3-bucket BUCKET" in each)
    with pytest.raises(AssertionError, match="51,200 bytes"):
        terminal.run(deploy.replace(" --s3-bucket BUCKET", ""))


@pytest.mark.parametrize("line", PLAYED)
def test_each_line_is_taken(terminal: Terminal, line: str) -> None:
    """In the order of the page: one builds on the other."""
    output = terminal.run(line)
    if "lambda invoke" in line:
        assert '"StatusCode": 200' in output
