"""The lines of the runbook, run by AWS's own command against moto, as far as moto plays AWS."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from carafe.development.deployment.package import Package
from carafe.development.platform import network as example
from carafe.development.platform.access import SUFFIXES, make_administrator
from carafe.development.platform.administration import Administration, Login
from carafe.development.platform.command import NAME, NETWORK, written
from carafe.development.platform.exports import EXPORTS
from carafe.development.platform.function_code import function_code
from carafe.development.servers.stack import Stack
from tests.support.account import Account
from tests.support.lambda_server import Function, LambdaServer
from tests.support.places import FOUNDATION

PAGES = FOUNDATION / "carafe/development/pages"
RUNBOOK = "\n".join((PAGES / each).read_text() for each in ("operations.md", "stages.md"))

NOT_PLAYED = {
    "aws cloudformation continue-update-rollback": "rollbacks of stacks",
    "aws lambda update-event-source-mapping": "mappings of Amazon MQ",
    "aws sso login": "single sign-on",
}
"""What moto does not play; the runbook's last table says what only an account can show."""

BUCKET = "runbook"
PREVIEW = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
ADMINISTRATOR = Login("administrator.a", "a-password-of-24-letters")
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
def account(account: Account) -> Account:
    """An account with a bucket, a preview, and secrets that moto's CloudFormation leaves out."""
    account.client("s3").create_bucket(Bucket=BUCKET)
    for stage in ("prod", "pr7"):
        name = f"ordering-{stage}/settings"
        account.client("secretsmanager").create_secret(Name=name, SecretString="{}")
    cloudformation = account.client("cloudformation")
    cloudformation.delete_stack(StackName="platform")  # a line of the runbook makes the true one
    cloudformation.create_stack(StackName="ordering-pr7", TemplateBody=PREVIEW)
    account.client("apigateway").create_domain_name(domainName="api.example.com")
    return account


@pytest.fixture(scope="module")
def broker(account: Account) -> str:
    """The id of a broker."""
    return account.broker("platform")


@pytest.fixture(scope="module")
def platform_access(account: Account, stack: Stack) -> Iterator[Function]:
    """The platform's function, on a real RabbitMQ, with the administrator's login."""
    index = ModuleType("index")
    exec(compile(function_code(), "index.py", "exec"), index.__dict__)  # noqa: S102 - our own code
    url, secret = stack.environment["RABBITMQ_MANAGEMENT_URL"], "platform/administrator"
    administration = Administration(url, Login("guest", "guest"))
    make_administrator(administration, ADMINISTRATOR)
    account.client("secretsmanager").create_secret(
        Name=secret, SecretString=json.dumps(ADMINISTRATOR._asdict())
    )
    variables = {**account.environment, "BROKER_URL": url, "ADMINISTRATOR_SECRET": secret}

    def invoked(event: Any) -> Any:  # noqa: ANN401 - JSON
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            return index.handler(event, None)

    yield invoked
    for suffix in SUFFIXES:
        administration.delete("users", f"administrator{suffix}")


@pytest.fixture(scope="module")
def terminal(
    account: Account,
    broker: str,
    platform_access: Function,
    packages: Mapping[str, Package],
    checking_tools: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator["Terminal"]:
    """A terminal in the folder of a service that was packaged."""
    folder = tmp_path_factory.mktemp("terminal")
    shutil.copytree(packages["prod"].folder, folder / "build" / "prod")
    (folder / "build" / "platform").mkdir()
    (folder / "build" / "platform" / NETWORK).write_text(json.dumps(example.template()))
    (folder / "build" / "platform" / NAME).write_text(written())
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
        server.functions["platform-access"] = platform_access
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

    def have_settings(self) -> None:
        """Let there be a file of settings, as a line before, or a pipeline, has made it."""
        (self._folder / "settings.json").write_text('{"MONGO_URI": "mongodb+srv://example"}')

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
    if "file:///dev/shm" in line:
        terminal.have_settings()
    output = terminal.run(line)
    if "lambda invoke" in line:
        assert '"StatusCode": 200' in output
        assert "FunctionError" not in output
    if "platform-access" in line:
        assert '"login": "administrator.b"' in output


def test_the_platform_is_made_of_what_it_exports(account: Account, terminal: Terminal) -> None:
    """By the runbook's line, but for the broker itself."""
    line = next(each for each in PLAYED if "deploy --stack-name platform" in each)
    terminal.run(f"{line} --no-fail-on-empty-changeset")  # it may have been run before
    (found,) = account.client("cloudformation").describe_stacks(StackName="platform")["Stacks"]
    assert found["StackStatus"] == "CREATE_COMPLETE"
    assert {each["ExportName"] for each in found["Outputs"]} == {f"platform-{x}" for x in EXPORTS}
    function = account.client("lambda").get_function(FunctionName="platform-access")
    assert function["Configuration"]["Handler"] == "index.handler"
