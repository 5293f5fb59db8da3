"""The platform's function, as its template holds it: CloudFormation and operators ask it."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from carafe.development.bus.topology import topology_on_broker
from carafe.development.cli import main
from carafe.development.platform.access import SUFFIXES, open_virtual_host
from carafe.development.platform.administration import AccessFailed, Administration, Login
from carafe.development.platform.function_code import function_code
from carafe.development.platform.place import place_of
from carafe.development.servers.stack import Stack
from tests.support.command_runner import CommandRunner
from tests.support.http_server import serving
from tests.support.lambda_server import FunctionFailed, LambdaServer

STAGES = ("prod", "pr7")
PASSWORD = "another-password-of-its-own"

Answers = list[dict[str, Any]]
SecretsManager = Any
"""boto3's client, which has no type."""


@pytest.fixture(scope="module")
def index() -> ModuleType:
    """The module that Lambda loads."""
    module = ModuleType("index")
    exec(compile(function_code(), "index.py", "exec"), module.__dict__)  # noqa: S102 - our own code
    return module


@pytest.fixture
def service() -> str:
    """The name of a service that has no place on the broker yet."""
    return f"harbour-{secrets.token_hex(4)}"


@pytest.fixture
def administration(stack: Stack) -> Administration:
    """The management API of the broker, as an administrator uses it."""
    return Administration(stack.environment["RABBITMQ_MANAGEMENT_URL"], Login("guest", "guest"))


@pytest.fixture
def manager(
    stack: Stack, service: str, administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SecretsManager]:
    """Secrets Manager, with the logins of the platform and of the service."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    mock = mock_aws()
    mock.start()
    client = boto3.client("secretsmanager")
    administrator = f"administrator-{service}.a"
    logins = {
        f"{service}/bootstrap": Login("guest", "guest"),
        f"{service}/administrator": Login(administrator, "a-password-of-24-letters"),
        f"{service}-prod/broker": Login(f"{service}-prod.a", PASSWORD),
        f"{service}-pr7/broker": Login(f"{service}-pr7.a", PASSWORD),
    }
    for name, login in logins.items():
        client.create_secret(Name=name, SecretString=json.dumps(login._asdict()))
    monkeypatch.setenv("BOOTSTRAP_SECRET", f"{service}/bootstrap")
    monkeypatch.setenv("ADMINISTRATOR_SECRET", f"{service}/administrator")
    monkeypatch.setenv("BROKER_URL", stack.environment["RABBITMQ_MANAGEMENT_URL"])
    monkeypatch.setenv("BROKER_ID", f"b-{service}")
    yield client
    mock.stop()
    for stage in STAGES:
        Administration(administration.url, Login("guest", "guest"), stage).delete("vhosts", stage)
        for suffix in SUFFIXES:
            administration.delete("users", f"{service}-{stage}{suffix}")
    administration.delete("users", administrator)


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, Answers]]:
    """The address to which the function answers, and its answers."""
    answers: Answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            length = int(self.headers["Content-Length"])
            answers.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Be silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_port}/answer", answers


def request(
    kind: str, url: str, resource: str = "Custom::BrokerAccess", **properties: str
) -> dict[str, Any]:
    """Return a request as CloudFormation sends it."""
    stack = properties.pop("stack", f"{properties.get('Service', 'platform')}-prod")
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": f"arn:aws:cloudformation:us-east-1:000000000000:stack/{stack}/8f2c",
        "RequestId": "r-1",
        "ResourceType": resource,
        "LogicalResourceId": "BrokerAccess",
        "ResourceProperties": {"ServiceToken": "arn", **properties},
        **({} if kind == "Create" else {"PhysicalResourceId": "BrokerAccess"}),
    }


def place(service: str, stage: str = "prod") -> dict[str, str]:
    """Return the properties of a service's custom resource."""
    topology = place_of(service, topology_on_broker(service))
    del topology["service"]
    return {
        "Service": service,
        "Secret": f"{service}-{stage}/broker",
        "Topology": json.dumps(topology),
        "stack": f"{service}-{stage}",
    }


@pytest.fixture
def granted(
    index: ModuleType, manager: SecretsManager, service: str, cloudformation: tuple[str, Answers]
) -> Answers:
    """The answers after a platform and a service were created."""
    del manager
    url, answers = cloudformation
    index.handler(request("Create", url, "Custom::BrokerAdministrator", LogDays="30"), None)
    index.handler(request("Create", url, **place(service)), None)
    return answers


def test_it_needs_nothing_but_python() -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", function_code()], capture_output=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_platform_and_a_service_are_created(
    granted: Answers, administration: Administration, service: str
) -> None:
    expected = {
        "Status": "SUCCESS",
        "Reason": "done",
        "PhysicalResourceId": "BrokerAccess",
        "RequestId": "r-1",
        "LogicalResourceId": "BrokerAccess",
    }
    assert [{**each, "StackId": ""} for each in granted] == [{**expected, "StackId": ""}] * 2
    assert administration.accepts(Login(f"{service}-prod.a", PASSWORD))
    user = administration.get("users", f"{service}-prod.a")
    assert "administrator" not in user["tags"]


def test_the_login_is_renewed_and_the_one_before_deleted(
    index: ModuleType,
    granted: Answers,
    manager: SecretsManager,
    service: str,
    administration: Administration,
) -> None:
    del granted
    secret = f"{service}-prod/broker"
    first, second = f"{service}-prod.a", f"{service}-prod.b"
    answer = index.handler({"action": "rotate", "secret": secret}, None)
    assert answer == {"login": second, "previous": first}
    login = Login(**json.loads(manager.get_secret_value(SecretId=secret)["SecretString"]))
    assert login.username == second
    assert administration.accepts(login)
    assert administration.accepts(Login(first, PASSWORD))
    answer = index.handler({"action": "retire", "secret": secret}, None)
    assert answer == {"login": second, "retired": first}
    assert not administration.accepts(Login(first, PASSWORD))


def test_the_administrator_is_renewed_too(
    index: ModuleType, granted: Answers, service: str, administration: Administration
) -> None:
    """What the broker was created with stays as it is: CloudFormation reads it again."""
    del granted
    secret = f"{service}/administrator"
    answer = index.handler({"action": "rotate", "secret": secret}, None)
    assert answer["login"] == f"administrator-{service}.b"
    index.handler({"action": "retire", "secret": secret}, None)
    index.handler({"action": "rotate", "secret": f"{service}-prod/broker"}, None)
    assert administration.accepts(Login("guest", "guest"))
    administration.delete("users", answer["login"])


def test_a_changed_stack_keeps_the_login(
    index: ModuleType,
    granted: Answers,
    service: str,
    administration: Administration,
    cloudformation: tuple[str, Answers],
) -> None:
    index.handler({"action": "rotate", "secret": f"{service}-prod/broker"}, None)
    index.handler(request("Update", cloudformation[0], **place(service)), None)
    assert granted[-1]["Status"] == "SUCCESS"
    assert administration.accepts(Login(f"{service}-prod.a", PASSWORD))


def test_a_deleted_stack_takes_the_users_along_and_leaves_the_messages(
    index: ModuleType,
    granted: Answers,
    service: str,
    administration: Administration,
    cloudformation: tuple[str, Answers],
) -> None:
    index.handler(request("Delete", cloudformation[0], **place(service)), None)
    assert granted[-1]["Status"] == "SUCCESS"
    assert administration.get("users", f"{service}-prod.a") is None
    assert f"{service}.inbox" in _names(administration, "queues", "prod")


def _names(administration: Administration, kind: str, stage: str) -> set[str]:
    return {each["name"] for each in administration.get(kind, stage) or ()}


def test_two_stages_of_a_service_share_the_broker_and_nothing_on_it(
    index: ModuleType,
    granted: Answers,
    service: str,
    administration: Administration,
    cloudformation: tuple[str, Answers],
) -> None:
    """A stage is a virtual host, which only the users of that stage may enter."""
    index.handler(request("Create", cloudformation[0], **place(service, "pr7")), None)
    assert granted[-1]["Status"] == "SUCCESS"
    for stage in STAGES:
        assert f"{service}.inbox" in _names(administration, "queues", stage)
        (rights,) = administration.get("users", f"{service}-{stage}.a", "permissions")
        assert rights["vhost"] == stage
    assert f"{service}.inbox" not in _names(administration, "queues", "%2F")


def test_a_stage_that_keeps_nothing_leaves_nothing_on_the_broker(
    index: ModuleType,
    granted: Answers,
    service: str,
    administration: Administration,
    cloudformation: tuple[str, Answers],
) -> None:
    url = cloudformation[0]
    preview = {**place(service, "pr7"), "DeletionPolicy": "Delete"}
    index.handler(request("Create", url, **preview), None)
    neighbour = Administration(administration.url, Login("guest", "guest"), "pr7")
    open_virtual_host(neighbour, "guest")
    neighbour.put("queues", "pr7", "neighbour.inbox", body={"durable": True})
    index.handler(request("Delete", url, **preview), None)
    assert granted[-1]["Status"] == "SUCCESS"
    assert _names(administration, "queues", "pr7") == {"neighbour.inbox"}
    exchanges = _names(administration, "exchanges", "pr7")
    assert not any(each.startswith(service) for each in exchanges)
    neighbour.delete("queues", "pr7", "neighbour.inbox")
    index.handler(request("Delete", url, **preview), None)
    assert administration.get("vhosts", "pr7") is None
    assert f"{service}.inbox" in _names(administration, "queues", "prod")


def test_the_next_administrator_may_do_what_the_one_before_might_in_every_stage(
    index: ModuleType, granted: Answers, service: str, cloudformation: tuple[str, Answers]
) -> None:
    index.handler({"action": "rotate", "secret": f"{service}/administrator"}, None)
    index.handler({"action": "retire", "secret": f"{service}/administrator"}, None)
    index.handler(request("Update", cloudformation[0], **place(service)), None)
    assert granted[-1]["Status"] == "SUCCESS"
    index.handler({"action": "rotate", "secret": f"{service}/administrator"}, None)
    index.handler({"action": "retire", "secret": f"{service}/administrator"}, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stack": "harbours-prod"}, "the stack harbours-prod is not harbour-"),
        ({"stack": "%s-history-prod"}, "the stack harbour-"),
        ({"Secret": "bootstrap"}, "guest is not a user of harbour-"),
        ({"Topology": "{"}, "JSONDecodeError in the platform's function"),
    ],
)
def test_what_cannot_be_granted_is_told_to_cloudformation(
    index: ModuleType,
    granted: Answers,
    service: str,
    cloudformation: tuple[str, Answers],
    change: dict[str, str],
    reason: str,
) -> None:
    change = {name: value.replace("%s", service) for name, value in change.items()}
    if "Secret" in change:
        change = {"Secret": f"{service}/{change['Secret']}"}
    index.handler(request("Create", cloudformation[0], **{**place(service), **change}), None)
    assert granted[-1]["Status"] == "FAILED"
    assert granted[-1]["Reason"].startswith(reason)


def test_a_broker_that_is_away_does_not_keep_a_stack(
    index: ModuleType,
    granted: Answers,
    service: str,
    cloudformation: tuple[str, Answers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROKER_URL", "http://127.0.0.1:1")
    index.handler(request("Update", cloudformation[0], **place(service)), None)
    assert granted[-1]["Status"] == "FAILED"
    assert "cannot be reached" in granted[-1]["Reason"]
    index.handler(request("Delete", cloudformation[0], **place(service)), None)
    assert granted[-1]["Status"] == "SUCCESS"


def test_an_operator_renews_it_with_a_command(
    index: ModuleType,
    granted: Answers,
    manager: SecretsManager,
    service: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del granted
    login = Login(f"{service}-prod.a", PASSWORD)
    manager.create_secret(Name="ordering-prod/broker", SecretString=json.dumps(login._asdict()))

    def access(event: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
        try:
            return index.handler(event, None)
        except index.AccessFailed as error:
            raise FunctionFailed({"errorMessage": str(error)}) from error

    with LambdaServer() as server:
        server.functions["platform-access"] = access
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        rotated = CommandRunner().invoke(main, ["bus", "rotate", "--stage", "prod"])
        again = CommandRunner().invoke(main, ["bus", "rotate", "--stage", "elsewhere"])
        ended = CommandRunner().invoke(main, ["bus", "rotate", "--stage", "prod", "--end"])
        manager.put_secret_value(
            SecretId="ordering-prod/broker", SecretString='{"username": "x.a", "password": "p"}'
        )
        failed = CommandRunner().invoke(main, ["bus", "rotate", "--stage", "prod"])
    assert (rotated.exit_code, ended.exit_code) == (0, 0), rotated.output + ended.output
    first, second = f"{service}-prod.a", f"{service}-prod.b"
    assert f"{second} is the login now; {first} is still good" in rotated.output
    assert f"{first} is deleted; {second} is the login" in ended.output
    assert "there is no stage 'elsewhere' to deploy" in again.output
    assert failed.output == "error: the broker has no user x.a, or it has no rights\n"


def test_an_unknown_action_is_refused(
    index: ModuleType, manager: SecretsManager, service: str
) -> None:
    del manager
    with pytest.raises(index.AccessFailed, match="there is no action drop"):
        index.handler({"action": "drop", "secret": f"{service}-prod/broker"}, None)
    assert issubclass(index.AccessFailed, Exception)
    assert index.AccessFailed is not AccessFailed


def test_the_brokers_logs_are_kept_for_a_limited_time(
    index: ModuleType, manager: SecretsManager, service: str, cloudformation: tuple[str, Answers]
) -> None:
    del manager
    logs = boto3.client("logs")
    group = f"/aws/amazonmq/broker/b-{service}/connection"
    logs.create_log_group(logGroupName=group)
    event = request("Create", cloudformation[0], "Custom::BrokerAdministrator", LogDays="30")
    index.handler(event, None)
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 30
