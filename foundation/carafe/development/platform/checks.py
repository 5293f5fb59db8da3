"""Rules for the platform's template: no log grows for ever, and the broker's own least of all."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from carafe.development.cloudformation import Resources


def faults_of_logs(template: Mapping[str, Any]) -> Iterator[str]:
    """Yield which logs nobody would ever delete, one sentence for each."""
    resources: Resources = template["Resources"]
    for name, each in resources.items():
        if each["Type"] == "AWS::Logs::LogGroup" and "RetentionInDays" not in each["Properties"]:
            yield f"{name} keeps its logs for ever: give it RetentionInDays"
    brokers = [name for name, each in resources.items() if each["Type"] == "AWS::AmazonMQ::Broker"]
    for broker in brokers:
        yield from _faults_of_broker(broker, resources)


def _faults_of_broker(broker: str, resources: Resources) -> Iterator[str]:
    """Yield what keeps the logs of a broker, whose groups Amazon MQ makes, from being limited."""
    if not _callers(resources):
        yield f"no clock has the logs of {broker} limited: Amazon MQ keeps them for ever"
    group = f"/aws/amazonmq/broker/${{{broker}}}/*"
    roles = [json.dumps(each) for each in resources.values() if each["Type"] == "AWS::IAM::Role"]
    if not any("logs:PutRetentionPolicy" in each and group in each for each in roles):
        yield f"no role may limit the logs of {broker} (logs:PutRetentionPolicy)"


def _callers(resources: Resources) -> list[str]:
    """Return the rules of a clock that have logs limited, and may call what does it."""
    allowed = {
        each["Properties"]["SourceArn"]["Fn::GetAtt"][0]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Permission"
    }
    return [
        name
        for name, each in resources.items()
        if each["Type"] == "AWS::Events::Rule"
        and name in allowed
        and any("keep_logs" in target.get("Input", "") for target in each["Properties"]["Targets"])
    ]
