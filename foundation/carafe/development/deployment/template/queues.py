"""The SQS queues with their dead-letter queues, and the mappings that feed functions."""

from chalice.app import Chalice
from chalice.utils import to_cfn_resource_name

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import QueueTrigger, queue_triggers
from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION, max_receives
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .naming import fate_of, queue_resource, resource_of

# AWS recommends six times the function's timeout, so that a message does not come back while its
# batch is still being retried.
VISIBILITY_RATIO = 6
LONGEST_SECONDS = 14 * 24 * 3_600
"""The longest that SQS keeps a message. A command must not expire before it was delivered as often
as its queue allows; the time in the dead-letter queue counts from the beginning."""

NUDGE_SECONDS = 3_600
"""How long a nudge is kept: by then the sweep has found its document long since. After an outage,
nudges would be delivered for nothing, or fill the dead-letter queue."""

# Concurrent environments of a queue's function: a limit for connections to broker and MongoDB.
MAX_ENVIRONMENTS = 20


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the queues, and the additions to the mappings that Chalice makes."""
    by_name: Resources = {}
    for trigger in queue_triggers(app):
        by_name |= _queues(trigger, stage)
        mapping = {_event_name(trigger): {"Properties": {**_MAPPING, **_source(trigger, stage)}}}
        by_name[resource_of(trigger.function)] = {"Properties": {"Events": mapping}}
        if trigger.function not in {NUDGE_FUNCTION, COMMAND_FUNCTION}:
            # The others name their queue only in a string, which CloudFormation does not resolve.
            by_name[resource_of(trigger.function)]["DependsOn"] = [queue_resource(trigger.queue)]
    return by_name


# Without the first, SQS ignores a function's list of failed messages, and deletes them all.
_MAPPING = {
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "ScalingConfig": {"MaximumConcurrency": MAX_ENVIRONMENTS},
}


def _source(trigger: QueueTrigger, stage: Stage) -> Resources:
    """Return the queue in the form of Chalice, which knows it without the stage."""
    arn = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
    return {"Queue": {"Fn::Sub": arn + stage.queue(trigger.queue)}}


def _queues(trigger: QueueTrigger, stage: Stage) -> Resources:
    dead_letter_queue = dead_letters(trigger.queue)
    redrive = {
        "deadLetterTargetArn": {"Fn::GetAtt": [queue_resource(dead_letter_queue), "Arn"]},
        "maxReceiveCount": max_receives(trigger),
    }
    return {
        queue_resource(trigger.queue): _queue(
            trigger.queue,
            stage,
            VisibilityTimeout=VISIBILITY_RATIO * stage.timeouts[trigger.function],
            MessageRetentionPeriod=_retention_seconds(trigger),
            RedrivePolicy=redrive,
        ),
        queue_resource(dead_letter_queue): _queue(
            dead_letter_queue, stage, MessageRetentionPeriod=LONGEST_SECONDS
        ),
    }


def _retention_seconds(trigger: QueueTrigger) -> int:
    return NUDGE_SECONDS if trigger.function == NUDGE_FUNCTION else LONGEST_SECONDS


def _queue(name: str, stage: Stage, **properties: object) -> Resources:
    named = {"QueueName": stage.queue(name), "SqsManagedSseEnabled": True}
    return {
        "Type": "AWS::SQS::Queue",
        **fate_of(stage),
        "Properties": {**named, **properties},
    }


def _event_name(trigger: QueueTrigger) -> str:
    return str(to_cfn_resource_name(f"{trigger.function}-sqs-event-source"))
