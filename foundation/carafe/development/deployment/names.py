"""Rules for names in a template: two stages of a service in one account must not meet.

Every `carafe package` checks them, like those of `checks`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .broker_checks import OWN_METRICS
from .resources import Resources, of_type
from .stages import Stage
from .template import broker

# The name of another resource, which is checked itself, or of the stack, as `${…}` or `Ref`.
_REFERENCE = re.compile(r'\$\{([A-Za-z0-9:]+)\}|"Ref": "([A-Za-z0-9:]+)"')
_STACK_NAME = "AWS::StackName"

NAMED_OTHERWISE = frozenset({"AWS::Serverless::Api", "AWS::Serverless::Function"})
"""What Chalice or SAM names, and not CloudFormation after its stack."""


def faults_in(template: Mapping[str, Any], stage: Stage) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        stage: which it is for.
    """
    resources: Resources = template["Resources"]
    faults = [
        f"{name} is called {json.dumps(value)} in every stage, and two stages in one account would "
        f"share it or collide: begin its name with {stage.stack}"
        for name, value in _names(resources, template.get("Outputs", {}))
        if not _is_of_stage(value, resources, stage)
    ]
    faults += _faults_of_metrics(resources, stage)
    faults += _faults_of_settings(resources, stage)
    faults += _faults_of_virtual_host(resources, stage)
    return faults


def _names(resources: Resources, outputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what has a name of its own in the account, and that name."""
    for name, resource in resources.items():
        kind, properties = str(resource.get("Type", "")), resource.get("Properties", {})
        own = kind.rpartition("::")[2]
        if kind in NAMED_OTHERWISE and not {"Name", f"{own}Name"} & properties.keys():
            yield name, None
        for each in ("Name", f"{own}Name", "GroupName"):
            if each in properties:
                yield name, properties[each]
    for name, output in outputs.items():
        if "Export" in output:
            yield name, output["Export"]["Name"]


def _is_of_stage(value: object, resources: Resources, stage: Stage) -> bool:
    text = json.dumps(value)
    referred = {first or second for first, second in _REFERENCE.findall(text)}
    return re.search(rf"\b{re.escape(stage.stack)}\b", text) is not None or not referred.isdisjoint(
        {_STACK_NAME, *resources}
    )


def _faults_of_metrics(resources: Resources, stage: Stage) -> Iterator[str]:
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm"):
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())}
        if alarm.get("Namespace") == OWN_METRICS and dimensions.get("stage") != stage.name:
            yield f"{name} counts what happens in other stages as well: it lacks the stage"
        if "ApiName" in dimensions and dimensions["ApiName"] != stage.stack:
            yield f"{name} counts the requests of other stages as well: the API is {stage.stack}"


def _faults_of_settings(resources: Resources, stage: Stage) -> Iterator[str]:
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        settings = function.get("Environment", {}).get("Variables", {})
        for setting, value in {"STAGE": stage.name, "MONGO_DATABASE": stage.database}.items():
            if settings.get(setting) != value:
                yield f"{name} is told another {setting} than {value}, which is the stage's"
        if settings.get("RABBITMQ_URL") != broker.address(stage):
            yield f"{name} is led to another virtual host than {stage.virtual_host}"


def _faults_of_virtual_host(resources: Resources, stage: Stage) -> Iterator[str]:
    for name, mapping in of_type(resources, "AWS::Lambda::EventSourceMapping"):
        for each in mapping.get("SourceAccessConfigurations", ()):
            if each["Type"] == "VIRTUAL_HOST" and each["URI"] != stage.virtual_host:
                yield f"{name} takes from another virtual host than {stage.virtual_host}"
