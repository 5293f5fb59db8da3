"""The SQS queues, each with its dead letters, and how they feed their functions."""

from chalice.app import Chalice
from chalice.utils import to_cfn_resource_name

from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import QueueTrigger, queue_triggers
from carafe.development.queues import most_receives
from carafe.infrastructure.cqrs.queued_commands import dead_letters

from .naming import Resources, queue_resource, resource_of

# AWS advises six times the function's timeout, so that a message does not come back while its
# batch is still being retried.
VISIBILITY_RATIO = 6
DEAD_LETTERS_SECONDS = 14 * 24 * 3_600
# Environments at once for a queue. Order needs no limit, the connections of broker and MongoDB do.
MOST_ENVIRONMENTS = 20

NUDGED = "bridge"


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return queues, and the mappings that Chalice makes, completed."""
    made: Resources = {}
    for trigger in queue_triggers(app):
        made |= _queues(trigger, stage.timeouts[trigger.function])
        mapping = {_event_name(trigger): {"Properties": _MAPPING}}
        made[resource_of(trigger.function)] = {"Properties": {"Events": mapping}}
        if trigger.function != NUDGED:
            # The others name their queue only in a text, from which CloudFormation learns nothing.
            made[resource_of(trigger.function)]["DependsOn"] = [queue_resource(trigger.queue)]
    return made


# Without the first, a function's list of failed messages is ignored, and all are deleted.
_MAPPING = {
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "ScalingConfig": {"MaximumConcurrency": MOST_ENVIRONMENTS},
}


def _queues(trigger: QueueTrigger, timeout_seconds: int) -> Resources:
    dead = dead_letters(trigger.queue)
    redrive = {
        "deadLetterTargetArn": {"Fn::GetAtt": [queue_resource(dead), "Arn"]},
        "maxReceiveCount": most_receives(trigger),
    }
    return {
        queue_resource(trigger.queue): _queue(
            trigger.queue,
            VisibilityTimeout=VISIBILITY_RATIO * timeout_seconds,
            RedrivePolicy=redrive,
        ),
        queue_resource(dead): _queue(dead, MessageRetentionPeriod=DEAD_LETTERS_SECONDS),
    }


def _queue(name: str, **properties: object) -> Resources:
    return {
        "Type": "AWS::SQS::Queue",
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "Retain",
        "Properties": {"QueueName": name, "SqsManagedSseEnabled": True, **properties},
    }


def _event_name(trigger: QueueTrigger) -> str:
    return str(to_cfn_resource_name(f"{trigger.function}-sqs-event-source"))
