"""`chalice deploy`, again, and `chalice delete`, against moto in this process.

Run with the packages of `carafe/development/deployment/tools.txt` on the import path; prints, as
JSON, the resources that there are after each step.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import boto3
from chalice.cli import cli
from moto import mock_aws
from moto.apigateway.models import APIGatewayBackend

from carafe.development.deployment.stages import read_stage
from carafe.development.event_sources import queue_triggers
from carafe.development.project import project
from carafe.development.queues import declare_queues
from tests.support.command_runner import CommandRunner

REGION = "us-east-1"
NO_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": REGION,
}
ELSEWHERE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN")


def main() -> None:
    """Deploy the copy that the command line names, of the service around the working directory."""
    copy, stage = str(Path(sys.argv[1]).resolve()), sys.argv[2]
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    os.environ.update(NO_ACCOUNT)
    accept_swagger()
    with mock_aws():
        _declare_queues(stage)
        steps = {}
        for name, command in {
            "deployed": "deploy",
            "deployed again": "deploy",
            "deleted": "delete",
        }.items():
            _run([command, "--stage", stage], copy)
            steps[name] = resources()
    print(json.dumps(steps))  # noqa: T201 - read by the test that started this


def accept_swagger() -> None:
    """Let moto take Chalice's Swagger 2.0, of which it knows only the successor, OpenAPI 3."""
    for name in ("import_rest_api", "put_rest_api"):
        setattr(APIGatewayBackend, name, _modernised(getattr(APIGatewayBackend, name)))


def _modernised(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def taking(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's own
        for each in (*arguments, *named.values()):
            if isinstance(each, dict) and "swagger" in each:
                _modernise(each)
        return original(*arguments, **named)

    return taking


def _modernise(document: dict[str, Any]) -> None:
    del document["swagger"]
    document["openapi"] = "3.0.0"
    document["info"].setdefault("description", "")
    for path in document["paths"].values():
        for operation in path.values():
            integration = operation.get("x-amazon-apigateway-integration", {})
            integration.setdefault("uri", "")
            integration.setdefault("httpMethod", "POST")


def resources() -> dict[str, list[str]]:
    """Return the names of what is there."""
    functions = boto3.client("lambda").list_functions()["Functions"]
    mappings = boto3.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return {
        "functions": sorted(each["FunctionName"] for each in functions),
        "roles": sorted(
            each["RoleName"]
            for each in boto3.client("iam").list_roles()["Roles"]
            if not each["Path"].startswith("/aws-service-role/")
        ),
        "event source mappings": sorted(each["EventSourceArn"] for each in mappings),
        "schedules": sorted(each["Name"] for each in boto3.client("events").list_rules()["Rules"]),
        "apis": sorted(
            each["name"] for each in boto3.client("apigateway").get_rest_apis()["items"]
        ),
    }


def _declare_queues(stage: str) -> None:
    """Make the queues, which the template makes and `chalice deploy` expects."""
    service = project()
    longest = max(read_stage(stage, service).timeouts.values())
    declare_queues(boto3.client("sqs"), queue_triggers(service.app), 6 * longest)


def _run(command: list[str], folder: str) -> None:
    result = CommandRunner().invoke(cli, ["--project-dir", folder, *command], obj={})
    if result.exception is not None:
        raise RuntimeError(f"chalice {command[0]} failed: {result.output}") from result.exception


if __name__ == "__main__":
    main()
