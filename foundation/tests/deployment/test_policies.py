"""Each function may do what it needs, and not what others need: or there is no package."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice

from carafe.development.deployment.policies.checks import faults_in_policies
from carafe.development.deployment.policies.needs import ONLY_LAMBDA_ITSELF, is_on_the_bus
from carafe.development.deployment.policies.placeholder import PLACEHOLDER
from carafe.development.deployment.stages import read_stage
from carafe.development.event_sources import inbox_triggers
from carafe.development.project import Project

Statements = list[dict[str, Any]]
Plant = Callable[[Statements], object]

ARN = "arn:aws:secretsmanager:*:*:secret:ordering-${stage}"
READ_SECRET = f"secretsmanager:GetSecretValue on {ARN}"


def _file(project: Project, function: str) -> Path:
    return project.root / ".chalice" / "policies" / f"{function}.json"


def _change(project: Project, function: str, plant: Plant) -> None:
    policy = json.loads(_file(project, function).read_text())
    plant(policy["Statement"])
    _file(project, function).write_text(json.dumps(policy))


def _faults(project: Project, stage: str = "dev") -> list[str]:
    return faults_in_policies(project.root, project.app, read_stage(stage, project))


def _named(statements: Statements, sid: str) -> dict[str, Any]:
    return next(each for each in statements if each["Sid"] == sid)


def _without(sid: str) -> Plant:
    return lambda statements: statements.remove(_named(statements, sid))


def _without_action(sid: str, action: str) -> Plant:
    return lambda statements: _named(statements, sid)["Action"].remove(action)


def _only_for_lambda_itself(sid: str) -> Plant:
    return lambda statements: _named(statements, sid).update(Condition=ONLY_LAMBDA_ITSELF)


def _with(**changed: object) -> Plant:
    """Return what adds a statement that allows something."""
    return lambda statements: statements.append({"Effect": "Allow", **changed})


def _with_secret(name: str, action: str = "secretsmanager:GetSecretValue") -> Plant:
    return _with(Action=action, Resource=[f"arn:aws:secretsmanager:*:*:secret:{name}"])


def _with_queue(name: str, action: str) -> Plant:
    return _with(Action=[action], Resource=f"arn:aws:sqs:*:*:{name}")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_policies_of_the_service_are_right(project: Project, stage: str) -> None:
    assert _faults(project, stage) == []


@pytest.mark.parametrize(
    ("function", "plant", "fault"),
    [
        (
            "api_handler",
            _without("SendNudges"),
            "sqs:SendMessage on arn:aws:sqs:*:*:ordering-dev-n",
        ),
        (
            "execute",
            _without("SendNudges"),
            "sqs:SendMessage on arn:aws:sqs:*:*:ordering-${stage}-nudges",
        ),
        (
            "consume",
            _without("SendNudges"),
            "sqs:SendMessage on arn:aws:sqs:*:*:ordering-${stage}-nudges",
        ),
        ("execute", _without("ParkCommands"), "sqs:GetQueueUrl, sqs:SendMessage on arn:aws:sqs:*"),
        ("execute", _without("HoldCommandsBack"), "sqs:GetQueueUrl, sqs:SendMessage on arn:aws"),
        (
            "execute",
            _without_action("TakeFromItsQueue", "sqs:ChangeMessageVisibility"),
            "sqs:ChangeMessageVisibility on arn:aws:sqs:*:*:ordering-${stage}-commands",
        ),
        (
            "bridge",
            _without("TakeFromItsQueue"),
            "sqs:DeleteMessage, sqs:ReceiveMessage, sqs:GetQueueAttributes on arn:aws:sqs:*:*:ord",
        ),
        (
            "bridge",
            _without_action("TakeFromItsQueue", "sqs:ReceiveMessage"),
            "sqs:ReceiveMessage on arn:aws:sqs:*:*:ordering-${stage}-nudges",
        ),
        (
            "authorize",
            _without("ReadOwnSecrets"),
            f"{READ_SECRET}/settings",
        ),
        (
            "sweep",
            lambda all_of_it: _named(all_of_it, "ReadOwnSecrets")["Resource"].pop(),
            f"{READ_SECRET}/broker-",
        ),
        (
            "authorize",
            _only_for_lambda_itself("ReadOwnSecrets"),
            f"{READ_SECRET}/settings",
        ),
        (
            "sweep",
            _without("LambdaItselfManagesNetworkInterfaces"),
            "ec2:AssignPrivateIpAddresses, ec2:CreateNetworkInterface,",
        ),
        ("sweep", _without("WriteOwnLogs"), "logs:CreateLogStream, logs:PutLogEvents on arn:aws:l"),
        ("consume", _without("LambdaItselfFindsTheBroker"), "mq:DescribeBroker on arn:aws:mq:*:*"),
        (
            "consume",
            _without_action("LambdaItselfManagesNetworkInterfaces", "ec2:DescribeVpcs"),
            "ec2:DescribeVpcs on *",
        ),
        (
            "api_handler",
            lambda all_of_it: all_of_it.append(
                {**_named(all_of_it, "SendNudges"), "Effect": "Deny"}
            ),
            "sqs:SendMessage on arn:aws:sqs:*:*:ordering-${stage}-nudges",
        ),
    ],
)
def test_what_a_function_needs_and_may_not_is_named_with_its_statement(
    small: Project, function: str, plant: Plant, fault: str
) -> None:
    _change(small, function, plant)
    (line,) = _faults(small)
    assert line.startswith(f"{function} may not {fault}".replace(PLACEHOLDER, "dev"))
    place, _, statement = line.partition(": add to ")[2].partition(" ")
    assert place == f".chalice/policies/{function}.json"
    if '"Deny"' not in _file(small, function).read_text():
        _change(small, function, lambda statements: statements.append(json.loads(statement)))
        assert _faults(small) == []


@pytest.mark.parametrize(
    ("function", "plant", "fault"),
    [
        (
            "api_handler",
            _with_secret("ordering-${stage}/broker-??????"),
            "may read the broker's password",
        ),
        (
            "authorize",
            _with_secret("ordering-${stage}/broker-*", "secretsmanager:Get*"),
            "may read the bro",
        ),
        (
            "execute",
            _with_secret("ordering-${stage}/broker-aB3dE6"),
            "may read the broker's password",
        ),
        (
            "execute",
            _with_secret("lending/settings-??????"),
            "may read the secret lending/settings",
        ),
        ("bridge", _with_secret("lending/broker-??????"), "may read the secret lending/broker of"),
        (
            "bridge",
            _with_secret("ordering-prod/broker-??????"),
            "may read the secret ordering-prod/broker of another service or stage",
        ),
        (
            "bridge",
            _with_queue("ordering-prod-nudges", "sqs:SendMessage"),
            "may sqs:SendMessage on ordering-prod-nudges, which is not of this stage",
        ),
        (
            "execute",
            _with_queue("ordering-commands-dead", "sqs:SendMessage"),
            "may sqs:SendMessage on ordering-commands-dead, which is not of this stage",
        ),
        (
            "sweep",
            _with(
                Action="logs:PutLogEvents",
                Resource="arn:aws:logs:*:*:log-group:/aws/lambda/ordering-prod-sweep:*",
            ),
            "may logs:PutLogEvents on /aws/lambda/ordering-prod-sweep, which is not of this stage",
        ),
        (
            "bridge",
            _with_secret("ordering-${stage}/*"),
            "may secretsmanager:GetSecretValue on arn:aws:sec",
        ),
        ("bridge", _with_secret("*/settings-??????"), "may secretsmanager:GetSecretValue on arn"),
        ("bridge", _with_secret("*"), "may secretsmanager:GetSecretValue on arn"),
        (
            "sweep",
            _with_queue("ordering-${stage}-nudges", "sqs:ReceiveMessage"),
            "may take messages from",
        ),
        ("api_handler", _with_queue("ordering-*", "sqs:SendMessage"), "may sqs:SendMessage on arn"),
        ("api_handler", _with_queue("*", "sqs:SendMessage"), "may sqs:SendMessage on arn:aws:sqs"),
        ("sweep", _with(Action="logs:PutLogEvents", Resource="*"), "may logs:PutLogEvents on *"),
        ("sweep", _with(Action="s3:GetObject", Resource=["*"]), "may s3:GetObject on *"),
        (
            "sweep",
            _with(Action="sqs:SendMessage", Resource="*", Condition={"Null": {"aws:x": "true"}}),
            "may sqs:SendMessage on *",
        ),
        ("sweep", _with(Action="s3:GetObject", Resource="arn:aws:*:::covers"), "may s3:GetObject"),
        ("sweep", _with(Action=["logs:*", "*"], Resource="arn:aws:s3:::a"), "may logs:*, *: name"),
    ],
)
def test_what_a_function_may_without_need_is_named(
    small: Project, function: str, plant: Plant, fault: str
) -> None:
    _change(small, function, plant)
    (line,) = _faults(small)
    assert line.startswith(f"{function} {fault}")
    assert line.endswith(f" in .chalice/policies/{function}.json")


def test_what_a_team_needs_for_itself_stays_possible(small: Project) -> None:
    own: Statements = [
        {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::covers/*"},
        {"Action": "sns:Publish", "Resource": ["arn:aws:sns:*:*:reminders"]},
        {"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:ordering-${stage}-commands"},
        {"Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:*:*:scans"},
        {"Action": "sqs:ReceiveMessage", "Resource": "arn:aws:sqs:*:*:ordering-scans"},
        {
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:eu-central-1:1:secret:ordering-${stage}/sms-??????",
        },
        {
            "Action": "textract:DetectDocumentText",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
        },
    ]
    _change(
        small, "api_handler", lambda found: found.extend({"Effect": "Allow"} | each for each in own)
    )
    assert _faults(small) == []


def test_a_policy_may_name_its_region_and_account(small: Project) -> None:
    path = _file(small, "api_handler")
    path.write_text(path.read_text().replace(":sqs:*:*:", ":sqs:eu-central-1:123456789012:"))
    assert _faults(small) == []


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "it has no list `Statement`"),
        ('{"Statement": [{}]}', "a statement has no `Effect`"),
        (
            '{"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}',
            "a statement has no `Action`",
        ),
    ],
)
def test_a_policy_that_cannot_be_read_is_named(small: Project, policy: str, reason: str) -> None:
    _file(small, "sweep").write_text(policy)
    (line,) = _faults(small)
    assert line.startswith(f"sweep: .chalice/policies/sweep.json cannot be read: {reason}")


def _without_file(folder: Path, _config: dict[str, Any]) -> None:
    (folder / "policies" / "sweep.json").unlink()


def _without_entry(_folder: Path, config: dict[str, Any]) -> None:
    del config["lambda_functions"]["sweep"]["iam_policy_file"]


def _generated(_folder: Path, config: dict[str, Any]) -> None:
    config["stages"]["dev"]["autogen_policy"] = True


def _of_nobody(folder: Path, _config: dict[str, Any]) -> None:
    (folder / "policies" / "old.json").write_text("{}")


def _for_nothing(_folder: Path, config: dict[str, Any]) -> None:
    config["lambda_functions"]["old"] = {"lambda_timeout": 1}


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_without_file, "sweep: .chalice/policies/sweep.json cannot be read: No such file"),
        (_without_entry, "sweep: no iam_policy_file in lambda_functions of .chalice/config.json"),
        (_generated, "sweep: no iam_policy_file in lambda_functions of .chalice/config.json"),
        (_of_nobody, ".chalice/policies/old.json is no function's policy: remove it, or"),
        (_for_nothing, "old: app.py has no such function: take it out of .chalice/config.json"),
    ],
)
def test_each_function_has_a_policy_and_each_policy_a_function(
    small: Project, plant: Callable[[Path, dict[str, Any]], None], fault: str
) -> None:
    folder = small.root / ".chalice"
    config = json.loads((folder / "config.json").read_text())
    plant(folder, config)
    (folder / "config.json").write_text(json.dumps(config))
    assert any(each.startswith(fault) for each in _faults(small))


def test_lambda_logs_in_to_the_broker_for_whatever_the_inbox_triggers() -> None:
    app = Chalice(app_name="lending")
    app.lambda_function()(lambda _event, _context: None)
    (trigger,) = inbox_triggers(app)
    assert is_on_the_bus(trigger.function, app)


SECOND_SCHEDULE = '''

@app.schedule("rate(1 day)")
def remind(event: CloudWatchEvent) -> None:
    """Remind of what is due."""
'''


@pytest.fixture
def grown(small: Project) -> Project:
    """A service with a second scheduled function, whose policy is the copy of the first one's."""
    app = small.root / "app.py"
    app.write_text(app.read_text() + SECOND_SCHEDULE)
    config = small.root / ".chalice" / "config.json"
    read = json.loads(config.read_text())
    entry = {"iam_policy_file": "policies/remind.json", "lambda_timeout": 60}
    read["lambda_functions"]["remind"] = entry
    config.write_text(json.dumps(read))
    policy = _file(small, "sweep").read_text().replace("-sweep:", "-remind:")
    _file(small, "remind").write_text(policy)
    return small


def test_the_command_names_all_faults_at_once_and_packages_nothing(grown: Project) -> None:
    _change(grown, "api_handler", _without("SendNudges"))
    done = subprocess.run(
        [sys.executable, "-m", "carafe", "package", "--stage", "dev"],
        cwd=grown.root,
        capture_output=True,
        text=True,
        check=False,
    )
    first, *lines = done.stderr.splitlines()
    assert (done.returncode, first) == (1, "error: the functions cannot be deployed like this:")
    assert [line.split(" on ")[0].split(" (")[0] for line in lines] == [
        "  api_handler may not sqs:SendMessage",
        "  remind may not sqs:SendMessage",
        "  remind may read the broker's password",
    ]
    assert not (grown.root / "build").exists()
