"""An account that will not take a stage says so before anything is begun."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from carafe.development.servers.aws import AwsServer
from carafe.testing.scripted_server import ScriptedServer, respond
from tests.support.places import ROOT


def _preflight(tmp_path: Path, **environment: str) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    result = subprocess.run(
        [sys.executable, "-m", "carafe", "preflight", "--stage", "prod"],
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
def account(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An account with nothing in it."""
    server = AwsServer(tmp_path / "aws")
    server.start()
    yield {**CREDENTIALS, "AWS_ENDPOINT_URL": server.endpoint_url}
    server.stop()


def _sqs(account: Mapping[str, str]) -> Any:  # noqa: ANN401 - boto3's client has no type
    return boto3.client(
        "sqs",
        endpoint_url=account["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def test_an_account_takes_what_it_has_not_or_has_from_this_stack(
    account: Mapping[str, str], tmp_path: Path
) -> None:
    accepted = (0, "account 123456789012 takes the stack ordering-prod\n")
    assert _preflight(tmp_path, **account) == accepted
    tags = {"aws:cloudformation:stack-name": "ordering-prod"}
    _sqs(account).create_queue(QueueName="ordering-nudges", tags=tags)
    assert _preflight(tmp_path, **account) == accepted


def test_a_name_that_is_taken(account: Mapping[str, str], tmp_path: Path) -> None:
    _sqs(account).create_queue(QueueName="ordering-commands-dead")
    code, output = _preflight(tmp_path, **account)
    assert (code, len(output.splitlines())) == (1, 1)
    assert "queue ordering-commands-dead: taken in account 123456789012" in output
