"""Rules for a template that CloudFormation does not check: breaking one loses events or rights.

Every `carafe package` checks them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from carafe.infrastructure.secrets import BROKER_LOGIN, SETTINGS
from carafe.infrastructure.service import Service

from .stages import GENERATED, required_settings
from .template.queues import VISIBILITY_RATIO

Resources = Mapping[str, Any]
Statement = Mapping[str, Any]

# This key is set for requests by a function's code, but not for Lambda's own use of its role.
ONLY_LAMBDA_ITSELF = {"Null": {"lambda:SourceFunctionArn": "true"}}

NEEDED_ACTIONS = {
    SETTINGS: ("secretsmanager:GetSecretValue", "/settings"),
    BROKER_LOGIN: ("secretsmanager:GetSecretValue", "/broker"),
}
"""The action, and the resource's name, that a function needs to use a setting."""

POLLING = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
LOGGING = ("logs:CreateLogStream", "logs:PutLogEvents")


def faults_in(template: Mapping[str, Any], service: Service[Any]) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        service: the service, whose settings every function needs.
    """
    resources: Resources = template["Resources"]
    required = required_settings(service)
    faults = [
        f"{name} is not a resource of Chalice's template, so that nothing can be merged into it"
        for name, resource in resources.items()
        if "Type" not in resource
    ]
    for name, function in _of_type(resources, "AWS::Serverless::Function"):
        faults += _missing_settings(name, function, resources, required)
        faults += _missing_rights(name, function, resources)
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                faults += _unsafe_queue(name, function, event["Properties"], resources)
    for name, role in _of_type(resources, "AWS::IAM::Role"):
        faults += [
            f"{name} allows {statement['Action']} on everything"
            for statement in _statements(role)
            if _is_boundless(statement)
        ]
    return faults


def _missing_settings(
    name: str, function: Mapping[str, Any], resources: Resources, required: set[str]
) -> list[str]:
    settings = dict(function.get("Environment", {}).get("Variables", {}))
    if SETTINGS in settings:
        in_secret = resources[settings[SETTINGS]["Ref"]]["Metadata"]["ToFillIn"]
        settings |= dict.fromkeys((*in_secret, GENERATED))
    return [f"{name} lacks the setting {each}" for each in sorted(required - settings.keys())]


def _missing_rights(name: str, function: Mapping[str, Any], resources: Resources) -> list[str]:
    role = resources[function["Role"]["Fn::GetAtt"][0]]["Properties"]
    statements = list(_statements(role))
    needs = [(action, f":log-group:/aws/lambda/{function['FunctionName']}:") for action in LOGGING]
    settings = function.get("Environment", {}).get("Variables", {})
    needs += [need for setting, need in NEEDED_ACTIONS.items() if setting in settings]
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            needs += [(action, f":{_queue_name(event['Properties'])}") for action in POLLING]
    if "VpcConfig" in function:
        needs.append(("ec2:CreateNetworkInterface", "*"))
    return [
        f"{name} may not {action} on {where.strip(':')}"
        for action, where in needs
        if not any(_allows(each, action, where) for each in statements)
    ]


def _allows(statement: Statement, action: str, where: str) -> bool:
    return action in _listed(statement["Action"]) and any(
        where in f"{resource}:" for resource in _listed(statement["Resource"])
    )


def _unsafe_queue(
    name: str, function: Mapping[str, Any], mapping: Mapping[str, Any], resources: Resources
) -> Iterator[str]:
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield f"{name} cannot return single messages: SQS would delete those that failed"
    queues = {queue["QueueName"]: queue for _, queue in _of_type(resources, "AWS::SQS::Queue")}
    queue = queues.get(_queue_name(mapping))
    if queue is None:
        yield f"{name} is fed by a queue that the template does not create"
        return
    if queue.get("VisibilityTimeout", 30) < VISIBILITY_RATIO * function["Timeout"]:
        yield f"{queue['QueueName']} shows messages again before {name} is certain to have ended"
    if "RedrivePolicy" not in queue:
        yield f"{queue['QueueName']} has no dead-letter queue"


def _queue_name(mapping: Mapping[str, Any]) -> str:
    return str(mapping["Queue"]["Fn::Sub"]).rpartition(":")[2]


def _statements(role: Mapping[str, Any]) -> Iterator[Statement]:
    for policy in role["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def _is_boundless(statement: Statement) -> bool:
    """Return whether a statement allows a function's code everything, or an action everywhere."""
    if any(action == "*" or action.endswith(":*") for action in _listed(statement["Action"])):
        return True
    # `arn:aws:sqs:*:*:*` is everything as well: all resources of one type.
    everywhere = any(set(each.split(":")[5:]) <= {"*"} for each in _listed(statement["Resource"]))
    return everywhere and statement.get("Condition") != ONLY_LAMBDA_ITSELF


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _of_type(resources: Resources, resource_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource.get("Type") == resource_type:
            yield name, resource["Properties"]
