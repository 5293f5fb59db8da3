"""Rules for what a template says about the platform's broker."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .resources import Resources
from .template.broker import ACCESS

OWN_METRICS = "Carafe"
MEASURED_BY_THE_SWEEP = {"inbox_messages", "inbox_parked", "unrouted_messages", "inbox_consumers"}


def faults_at_the_broker(resources: Resources) -> Iterator[str]:
    """Yield what would lose messages, or keep silent about it: one sentence each."""
    for name, resource in resources.items():
        kind, properties = resource.get("Type"), resource.get("Properties", {})
        if kind == "AWS::Lambda::EventSourceMapping" and "Queues" in properties:
            if not any(each.startswith(ACCESS) for each in resource.get("DependsOn", [])):
                yield f"{name} may be connected before its queue exists: it must wait for {ACCESS}"
        elif kind == "AWS::CloudWatch::Alarm":
            yield from _silence(name, properties)
        elif kind == "AWS::AmazonMQ::Broker":
            yield f"{name} is a broker of the service's own, on which it hears no other service"


def _silence(name: str, alarm: Mapping[str, Any]) -> Iterator[str]:
    if "AWS/AmazonMQ" in json.dumps(alarm):
        yield f"{name} reads a metric that Amazon MQ does not have from RabbitMQ 4 on"
    metric = alarm.get("MetricName") if alarm.get("Namespace") == OWN_METRICS else None
    if metric in MEASURED_BY_THE_SWEEP and alarm.get("TreatMissingData") != "breaching":
        yield f"{name} would be silent while nobody measures"
