"""Rules for a template about limits: on connections, requests, messages and whoever may send them.

Every `carafe package` checks them, like those of `checks`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION

from .resources import Resources, of_type
from .stages import Stage
from .template.naming import DEFAULT_HANDLER, resource_of

CONNECTIONS_PER_ENVIRONMENT = 2
"""On the primary; one on each secondary. Measured: one for commands, one to watch the server."""

USABLE = 0.9
"""Of MongoDB's connections; the rest is for people, backups and MongoDB itself."""

WITHOUT_DATABASE = frozenset({"authorize"})


def faults_in(template: Mapping[str, Any], stage: Stage) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        stage: which it is for.
    """
    resources: Resources = template["Resources"]
    faults = [*_faults_of_gateway(resources), *_faults_of_connections(resources, stage)]
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        for event in function.get("Events", {}).values():
            if event["Type"] == "Schedule":
                faults += _faults_of_schedule(name, function)
    faults += _faults_of_queues(resources)
    return faults


def environments(function: Mapping[str, Any]) -> int | None:
    """Return how many environments of a function may run at once; None if nothing bounds them."""
    reserved = function.get("ReservedConcurrentExecutions")
    if isinstance(reserved, Mapping):
        reserved = reserved["Fn::If"][1]
    bounds = [int(reserved)] if reserved is not None else []
    for event in function.get("Events", {}).values():
        scaling = event["Properties"].get("ScalingConfig", {})
        bounds += [scaling["MaximumConcurrency"]] if "MaximumConcurrency" in scaling else []
        bounds += [1] if event["Type"] == "Schedule" else []
    return max(bounds, default=None)


def connections(resources: Resources) -> int:
    """Return how many connections to MongoDB's primary all functions together may open.

    A function that nothing bounds, but what calls it does, counts as one: `consume`, which Lambda
    runs once for each queue, and `migrate`, which people call.
    """
    free = {resource_of(each) for each in WITHOUT_DATABASE}
    numbers = [
        environments(function) or 1
        for name, function in of_type(resources, "AWS::Serverless::Function")
        if name not in free
    ]
    return CONNECTIONS_PER_ENVIRONMENT * sum(numbers)


def _faults_of_connections(resources: Resources, stage: Stage) -> Iterator[str]:
    api = resources.get(DEFAULT_HANDLER)
    if api is not None and environments(api["Properties"]) is None:
        yield (
            "any number of the API's environments may connect to MongoDB: set "
            f"reserved_concurrency of api_handler in the stage {stage.name} of .chalice/config.json"
        )
    opened = connections(resources)
    if opened > USABLE * stage.mongodb_connections:
        yield (
            f"the functions may open {opened:,} connections to MongoDB's primary, which takes "
            f"{stage.mongodb_connections:,}: lower reserved_concurrency of api_handler, or raise "
            f"mongodb_connections, if the cluster takes more, in the stage {stage.name} of "
            ".chalice/config.json"
        )


def _faults_of_gateway(resources: Resources) -> Iterator[str]:
    for name, api in of_type(resources, "AWS::Serverless::Api"):
        if "OpenApiVersion" not in api:
            yield f"{name} lacks OpenApiVersion: SAM would publish a second stage, named Stage"
        if "AccessLogSetting" not in api:
            yield f"{name} logs no requests"
        limits = [each for each in api.get("MethodSettings", []) if each["ResourcePath"] == "/*"]
        if not any("ThrottlingRateLimit" in each for each in limits):
            yield f"{name} takes any number of requests: it lacks a throttle"


def _faults_of_schedule(name: str, function: Mapping[str, Any]) -> Iterator[str]:
    settings = function.get("EventInvokeConfig", {})
    if settings.get("MaximumRetryAttempts") != 0:
        yield f"{name} would be run again for each failure, beside its next run"
    if settings.get("MaximumEventAgeInSeconds", 21_600) > 60:  # noqa: PLR2004 - a minute
        yield f"runs of {name} that find no room would pile up for hours"


def _faults_of_queues(resources: Resources) -> Iterator[str]:
    queues = dict(of_type(resources, "AWS::SQS::Queue"))
    statements = _statements_by_queue(resources)
    for name in queues:
        if not any("aws:SecureTransport" in each for each in statements.get(name, [])):
            yield f"{name} may be used without encryption"
    for function in (NUDGE_FUNCTION, COMMAND_FUNCTION):
        for name in _fed_by(resources, function, queues):
            yield from _faults_of_retention(function, queues[name])
            if not any("aws:PrincipalArn" in each for each in statements.get(name, [])):
                yield f"every role of the account that may use SQS may send to {name}"


def _faults_of_retention(function: str, queue: Mapping[str, Any]) -> Iterator[str]:
    kept = queue.get("MessageRetentionPeriod", 345_600)
    receives = queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0)
    delivered = receives * queue["VisibilityTimeout"]
    if function == COMMAND_FUNCTION and kept < delivered:
        yield f"a command in {queue['QueueName']} expires before its last delivery"
    if function == NUDGE_FUNCTION and kept >= delivered:
        yield f"an outage would fill the dead-letter queue of {queue['QueueName']}"


def _statements_by_queue(resources: Resources) -> dict[str, list[str]]:
    """Return the refusals in the queues' policies, as JSON, by the queue's logical name."""
    found: dict[str, list[str]] = {}
    for _, policy in of_type(resources, "AWS::SQS::QueuePolicy"):
        refusals = [
            json.dumps(each)
            for each in policy["PolicyDocument"]["Statement"]
            if each["Effect"] == "Deny"
        ]
        for queue in policy["Queues"]:
            found.setdefault(queue["Ref"], []).extend(refusals)
    return found


def _fed_by(resources: Resources, function: str, queues: Resources) -> Iterator[str]:
    """Yield the logical names of the queues that feed a function."""
    events = resources[resource_of(function)]["Properties"].get("Events", {}).values()
    fed = [json.dumps(each["Properties"].get("Queue", "")) for each in events]
    for name, queue in queues.items():
        if any(each.endswith(f':{queue["QueueName"]}"}}') for each in fed):
            yield name
