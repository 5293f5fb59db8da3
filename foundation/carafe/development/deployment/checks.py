"""Rules for a template that CloudFormation does not check: breaking one loses events.

Every `carafe package` checks them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from carafe.development.cloudformation import DELETED, KEPT
from carafe.infrastructure.secrets import SETTINGS
from carafe.infrastructure.service import Service

from .broker_checks import faults_at_the_broker
from .change_set import STATEFUL
from .resources import Resources, of_type
from .stage_settings import CONFIG
from .stages import GENERATED, Stage, required_settings
from .template.queues import VISIBILITY_RATIO


def faults_in(template: Mapping[str, Any], service: Service[Any], stage: Stage) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        service: the service, whose settings every function needs.
        stage: which it is for.
    """
    resources: Resources = template["Resources"]
    required = required_settings(service)
    faults = [
        f"{name} is not a resource of Chalice's template, so that nothing can be merged into it"
        for name, resource in resources.items()
        if "Type" not in resource
    ]
    faults += _lost_with_the_stack(resources) if stage.is_kept else _left_behind(resources, stage)
    faults += faults_at_the_broker(resources)
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        if isinstance(function.get("ReservedConcurrentExecutions"), int):
            faults.append(f"{name} reserves executions even where an account has none to give")
        faults += _missing_settings(name, function, resources, required)
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                faults += _unsafe_queue(name, function, event["Properties"], resources)
    return faults


def _lost_with_the_stack(resources: Resources) -> Iterator[str]:
    """Yield what would be lost, or what a failed first creation would leave in the way."""
    for name, resource in resources.items():
        if resource.get("Type") in STATEFUL:
            if resource.get("DeletionPolicy") != KEPT["DeletionPolicy"]:
                yield f"{name} has another DeletionPolicy than {KEPT['DeletionPolicy']}"
            if resource.get("UpdateReplacePolicy") != KEPT["UpdateReplacePolicy"]:
                yield f"{name} would be deleted when it is replaced"


def _left_behind(resources: Resources, stage: Stage) -> Iterator[str]:
    """Yield what would be left of a stage that is to leave nothing."""
    for name, resource in resources.items():
        for policy, fate in DELETED.items():
            if resource.get("Type") in STATEFUL and resource.get(policy) != fate:
                yield f"{name} has another {policy} than {fate}, and would be left behind"
    if stage.log_days is None:
        yield (
            f"the logs of the stage {stage.name} would be left behind: Lambda makes their groups "
            f"itself unless log_retention_in_days is set in the stage, in {CONFIG}"
        )


def _missing_settings(
    name: str, function: Mapping[str, Any], resources: Resources, required: set[str]
) -> list[str]:
    settings = dict(function.get("Environment", {}).get("Variables", {}))
    if SETTINGS in settings:
        in_secret = resources[settings[SETTINGS]["Ref"]]["Metadata"]["ToFillIn"]
        settings |= dict.fromkeys((*in_secret, GENERATED))
    return [f"{name} lacks the setting {each}" for each in sorted(required - settings.keys())]


def _unsafe_queue(
    name: str, function: Mapping[str, Any], mapping: Mapping[str, Any], resources: Resources
) -> Iterator[str]:
    if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield f"{name} cannot return single messages: SQS would delete those that failed"
    queues = {queue["QueueName"]: queue for _, queue in of_type(resources, "AWS::SQS::Queue")}
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
