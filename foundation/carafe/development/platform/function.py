"""The platform's function: it gives services their places on the broker, and renews their logins.

CloudFormation asks it when a service's stack is created, changed or deleted:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html
`carafe bus rotate` asks for a new login, and a clock that the broker's logs be limited. It alone
may read the administrator's login.
"""

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

from carafe.development.platform.access import (
    clear,
    grant,
    make_administrator,
    next_login,
    open_virtual_host,
    retire,
    revoke,
)
from carafe.development.platform.administration import AccessFailed, Administration, Login

ANSWER_SECONDS = 10
LOGS = "/aws/amazonmq/broker/"

Event = Mapping[str, Any]


def handler(event: Event, _context: object) -> Mapping[str, str] | None:
    """Carry out a request of CloudFormation, of the clock, or an operator's.

    Raises:
        AccessFailed: an operator's request cannot be carried out. CloudFormation is told instead.
    """
    if "RequestType" in event:
        _answer(event, _outcome(event))
        return None
    if event["action"] == "keep_logs":
        _keep_logs(int(os.environ["LOG_DAYS"]))
        return None
    return _operate(event["action"], event["secret"])


def _outcome(event: Event) -> str:
    """Carry out a request of CloudFormation; return why it failed, or nothing."""
    try:
        _carry_out(event)
    except Exception as error:  # noqa: BLE001 - without an answer, CloudFormation would wait an hour
        expected = isinstance(error, AccessFailed)
        reason = str(error) if expected else f"{type(error).__name__} in the platform's function"
        _record("failed", request=event["RequestType"], reason=reason)
        # What cannot be taken away must not keep the rest of the stack.
        return "" if event["RequestType"] == "Delete" else reason
    return ""


def _carry_out(event: Event) -> None:
    properties = event["ResourceProperties"]
    if event["ResourceType"] == "Custom::BrokerAdministrator":
        if event["RequestType"] != "Delete":
            login = _read(os.environ["ADMINISTRATOR_SECRET"])
            make_administrator(_broker("BOOTSTRAP_SECRET"), login)
            _keep_logs(int(properties["LogDays"]))
            _record("administrator", user=login.username)
        return
    stack = event["StackId"].split("/")[1]
    service, _, stage = stack.rpartition("-")
    if service != properties["Service"]:
        raise AccessFailed(
            f"the stack {stack} is not {properties['Service']}-STAGE, with a stage without hyphen"
        )
    # By the stack, which AWS names: what a template says, whoever deploys it may choose.
    broker = _broker(vhost=stage)
    if event["RequestType"] == "Delete":
        revoke(broker, stack)
        if properties.get("DeletionPolicy") == "Delete":
            clear(broker, service)
        _record("revoked", stack=stack)
        return
    login = _read(properties["Secret"])
    if not login.username.startswith(f"{stack}."):
        raise AccessFailed(f"{login.username} is not a user of {stack}")
    open_virtual_host(broker, broker.username)
    grant(broker, {"service": service, **json.loads(properties["Topology"])}, login)
    _record("granted", stack=stack, user=login.username)


def _operate(action: str, secret: str) -> Mapping[str, str]:
    current = _read(secret)
    if action == "rotate":
        login = next_login(_broker(), current.username)
        _secrets().put_secret_value(SecretId=secret, SecretString=json.dumps(login._asdict()))
        _record("rotated", user=login.username)
        return {"login": login.username, "previous": current.username}
    if action == "retire":
        retired = retire(_broker(), current.username)
        _record("retired", user=retired)
        return {"login": current.username, "retired": retired}
    raise AccessFailed(f"there is no action {action}: it is rotate or retire")


def _broker(secret: str = "ADMINISTRATOR_SECRET", vhost: str = "/") -> Administration:  # noqa: S107 - a variable's name
    return Administration(os.environ["BROKER_URL"], _read(os.environ[secret]), vhost)


def _read(secret: str) -> Login:
    text = _secrets().get_secret_value(SecretId=secret)["SecretString"]
    values = json.loads(text)
    return Login(values["username"], values["password"])


def _secrets() -> Any:  # noqa: ANN401 - boto3's client has no type
    import boto3  # noqa: PLC0415 - Lambda has it

    return boto3.client("secretsmanager")


def _keep_logs(days: int) -> None:
    """Limit how long the broker's logs are kept.

    Amazon MQ creates their groups itself, when it needs them, and without a limit: a template that
    named them would fail on those that exist.
    """
    import boto3  # noqa: PLC0415 - Lambda has it

    logs = boto3.client("logs")
    prefix = f"{LOGS}{os.environ['BROKER_ID']}/"
    for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]:
        if group.get("retentionInDays") != days:
            logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=days)
            _record("logs", group=group["logGroupName"], days=str(days))


def _record(action: str, **subject: str) -> None:
    """Write who got what to the log."""
    print(json.dumps({"audit": action, **subject}))


def _answer(event: Event, failure: str) -> None:
    """Tell CloudFormation what became of its request."""
    name = event.get("PhysicalResourceId") or event["LogicalResourceId"]
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "done",
        "PhysicalResourceId": name,
        **{each: event[each] for each in ("StackId", "RequestId", "LogicalResourceId")},
    }
    request = urllib.request.Request(  # noqa: S310 - CloudFormation's address
        event["ResponseURL"],
        method="PUT",
        data=json.dumps(body).encode(),
        headers={"Content-Type": ""},
    )
    urllib.request.urlopen(request, timeout=ANSWER_SECONDS).close()  # noqa: S310 - as above
