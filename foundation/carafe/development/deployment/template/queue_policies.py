"""The queues' own policies: only the service's roles send, and nothing travels unencrypted.

Whoever may write to the queue of commands may send any command in any name; a policy of IAM alone
would leave that to every role of the account that may use SQS.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from chalice.app import Chalice

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import queue_triggers
from carafe.development.queues import COMMAND_FUNCTION
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .naming import queue_resource, role_resource
from .senders import senders

COMMAND_SENDERS = "CommandSenders"
"""The parameter with further roles that may send commands."""

NOBODY = "nobody"
"""Its value if there are none."""

PARAMETERS = {
    COMMAND_SENDERS: {
        "Type": "CommaDelimitedList",
        "Default": NOBODY,
        "Description": (
            "ARNs of further roles that may send commands to the queue, separated by commas; "
            "* stands for any characters"
        ),
    }
}


def resources(app: Chalice, _stage: Stage) -> Resources:
    """Return the policies of all queues."""
    by_name: Resources = {}
    for trigger in queue_triggers(app):
        roles = [role_resource(each) for each in senders(app, trigger)]
        is_open = trigger.function == COMMAND_FUNCTION
        by_name |= _policy(trigger.queue, _statements(trigger.queue, roles, is_open=is_open))
        dead = dead_letters(trigger.queue)
        by_name |= _policy(dead, [_encrypted(dead)])  # SQS itself fills it
    return by_name


def _statements(queue: str, roles: list[str], *, is_open: bool) -> Iterator[dict[str, Any]]:
    yield _encrypted(queue)
    if roles:
        yield _senders_alone(queue, roles, is_open=is_open)


def _policy(queue: str, statements: Iterable[dict[str, Any]]) -> Resources:
    return {
        f"{queue_resource(queue)}Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": queue_resource(queue)}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
            },
        }
    }


def _encrypted(queue: str) -> dict[str, Any]:
    return {
        "Sid": "OnlyEncrypted",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": _arn(queue),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _senders_alone(queue: str, roles: list[str], *, is_open: bool) -> dict[str, Any]:
    """Return the refusal of all others.

    A negated condition also holds without the key, so that services of AWS are refused as well.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    """
    condition: dict[str, Any] = {
        "ArnNotEquals": {
            "aws:PrincipalArn": [{"Fn::GetAtt": [each, "Arn"]} for each in sorted(roles)]
        }
    }
    if is_open:
        condition["StringNotLike"] = {"aws:PrincipalArn": {"Ref": COMMAND_SENDERS}}
    return {
        "Sid": "OnlySenders",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": _arn(queue),
        "Condition": condition,
    }


def _arn(queue: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [queue_resource(queue), "Arn"]}
