"""The rights in AWS that each function needs, derived from its trigger and what it does."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalice.app import Chalice
from msgspec import Struct

from carafe.development.deployment.stages import Stage
from carafe.development.deployment.template.functions import ON_THE_BUS
from carafe.development.deployment.template.naming import log_group
from carafe.development.deployment.template.senders import NEVER_FILL, NEVER_SAVE
from carafe.development.event_sources import MIGRATE, inbox_triggers, queue_triggers
from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105 - an action
TELL_CODEDEPLOY = "codedeploy:PutLifecycleEventHookExecutionStatus"
TAKING = ("sqs:DeleteMessage", "sqs:ReceiveMessage")

# This key is set for requests by a function's code, but not for Lambda's own use of its role.
ONLY_LAMBDA_ITSELF = {"Null": {"lambda:SourceFunctionArn": "true"}}

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
NETWORK_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
# Besides, to take from a broker: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
NETWORK_OF_BROKER = ("ec2:DescribeSecurityGroups", "ec2:DescribeVpcs")


class Need(Struct, frozen=True):
    """Actions on one resource, which a function cannot do without.

    Attributes:
        actions: as policies name them.
        resource: its ARN, with wildcards where only AWS knows the rest.
        condition: narrows `*`, where AWS offers no resource.
    """

    actions: tuple[str, ...]
    resource: str
    condition: Mapping[str, Any] | None = None

    def allowing(self, actions: tuple[str, ...]) -> dict[str, Any]:
        """Return the statement of a policy that allows some of its actions."""
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": [self.resource]}
        return allowed | ({"Condition": self.condition} if self.condition else {})


def is_on_the_bus(function: str, app: Chalice) -> bool:
    """Return whether a function logs in to the broker, or Lambda does so in its place."""
    return function in ON_THE_BUS or any(each.function == function for each in inbox_triggers(app))


def needs_of(function: str, app: Chalice, stage: Stage) -> Iterator[Need]:
    """Yield the needs of a function.

    Args:
        function: its name in app.py; `api_handler` for all routes.
        app: what triggers it.
        stage: where it runs.
    """
    group = f"log-group:{log_group(function, stage)}:*"
    yield Need(("logs:CreateLogStream", "logs:PutLogEvents"), _arn("logs", group))
    yield Need(NETWORK_INTERFACES, "*", ONLY_LAMBDA_ITSELF)
    yield Need((READ_SECRET,), _secret(stage.secret("settings")))
    if is_on_the_bus(function, app):
        yield Need((READ_SECRET,), _secret(stage.secret("broker")))
    for trigger in inbox_triggers(app):
        if trigger.function == function:
            yield Need(NETWORK_OF_BROKER, "*", ONLY_LAMBDA_ITSELF)
            # The platform's, whose name is a parameter.
            yield Need(("mq:DescribeBroker",), _arn("mq", "broker:*"))
    if function == MIGRATE and stage.rollout is not None:
        yield Need((TELL_CODEDEPLOY,), _arn("codedeploy", f"deploymentgroup:{stage.stack}-*"))
    yield from _needs_of_queues(function, app, stage)


def _needs_of_queues(function: str, app: Chalice, stage: Stage) -> Iterator[Need]:
    """Yield what it takes to use the service's queues on SQS."""
    for fed_by in queue_triggers(app):
        queue = stage.queue(fed_by.queue)
        if fed_by.function == function:
            yield Need((*TAKING, "sqs:GetQueueAttributes"), _arn("sqs", queue))
            if function == COMMAND_FUNCTION:
                yield from _needs_of_commands(queue)
        if fed_by.function == COMMAND_FUNCTION and function == MIGRATE:
            yield from _needs_of_operators(queue)
        if fed_by.function == NUDGE_FUNCTION and function not in NEVER_SAVE:
            yield Need(("sqs:SendMessage",), _arn("sqs", queue))
        if fed_by.function == COMMAND_FUNCTION and function not in NEVER_FILL:
            yield Need(("sqs:SendMessage",), _arn("sqs", queue))


def _needs_of_commands(queue: str) -> Iterator[Need]:
    """Yield what it takes to postpone, hold back and park commands."""
    sending = ("sqs:GetQueueUrl", "sqs:SendMessage")
    yield Need(("sqs:ChangeMessageVisibility", *sending), _arn("sqs", queue))
    yield Need(sending, _arn("sqs", dead_letters(queue)))


def _needs_of_operators(queue: str) -> Iterator[Need]:
    """Yield what it takes to show, send back and discard parked commands."""
    yield Need(("sqs:GetQueueUrl",), _arn("sqs", queue))
    taking = ("sqs:ChangeMessageVisibility", *TAKING, "sqs:GetQueueUrl")
    yield Need(taking, _arn("sqs", dead_letters(queue)))


def _secret(name: str) -> str:
    # Secrets Manager appends a hyphen and six characters of its own.
    return _arn("secretsmanager", f"secret:{name}-??????")


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:*:*:{resource}"
