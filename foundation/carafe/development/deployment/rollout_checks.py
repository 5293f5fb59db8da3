"""Rules for a stage whose new versions take over part by part.

Every `carafe package` checks them, like those of `checks`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from carafe.development.event_sources import MIGRATE

from .resources import Resources, of_type
from .stages import Stage
from .template.naming import AUTHORIZER, INTEGRATION, resource_of
from .template.rollout import AUTHORIZE

MIGRATE_RESOURCE = resource_of(MIGRATE)
WITHOUT_DATABASE = frozenset({resource_of(AUTHORIZE)})


def faults_in(template: Mapping[str, Any], stage: Stage) -> list[str]:
    """Return the faults of a template, one sentence for each.

    Args:
        template: in SAM's form.
        stage: which it is for; without a rollout, there are none.
    """
    if stage.rollout is None:
        return []
    resources: Resources = template["Resources"]
    faults: list[str] = []
    for name, function in of_type(resources, "AWS::Serverless::Function"):
        if name != MIGRATE_RESOURCE:
            faults += _faults_of_function(name, function, resources, stage)
    faults += _past_the_alias(resources)
    return faults


def _faults_of_function(
    name: str, function: Mapping[str, Any], resources: Resources, stage: Stage
) -> Iterator[str]:
    preference = function.get("DeploymentPreference", {})
    if "AutoPublishAlias" not in function or preference.get("Type") != stage.rollout:
        yield f"{name} does not take over as the stage says: {stage.rollout}"
    if not function.get("AutoPublishAliasAllProperties"):
        yield f"{name} would keep its old settings: without code, nothing reaches its alias"
    hook = preference.get("Hooks", {}).get("PreTraffic")
    waits = MIGRATE_RESOURCE in resources[name].get("DependsOn", [])
    if name not in WITHOUT_DATABASE and not (hook == {"Ref": MIGRATE_RESOURCE} and waits):
        yield f"{name} would run new code before {MIGRATE} has prepared database and broker"
    alarms = [each["Ref"] for each in preference.get("Alarms", ())]
    if not alarms:
        yield f"nothing would lead {name} back to the version before"
    for each in alarms:
        if resources.get(each, {}).get("Type") != "AWS::CloudWatch::Alarm":
            yield f"{each}, which is to lead {name} back, is no alarm of the template"
        elif resources[each]["Properties"]["TreatMissingData"] == "breaching":
            yield f"{name} could not be deployed while nobody measures what {each} watches"


def _past_the_alias(resources: Resources) -> Iterator[str]:
    """Yield what calls a function itself, and so all of its newest code at once."""
    for name, mapping in of_type(resources, "AWS::Lambda::EventSourceMapping"):
        if not _is_alias(mapping["FunctionName"]):
            yield f"{name} feeds a function past its alias"
    allowed = [each["FunctionName"] for _, each in of_type(resources, "AWS::Lambda::Permission")]
    for name, api in of_type(resources, "AWS::Serverless::Api"):
        definition = api["DefinitionBody"]
        for path, methods in definition["paths"].items():
            uris = [each.get(INTEGRATION, {}).get("uri") for each in methods.values()]
            if not all(_is_called(each, allowed) for each in uris if each is not None):
                yield f"{name} calls {path} past the alias, or may not call the alias"
        for scheme, each in definition.get("securityDefinitions", {}).items():
            if AUTHORIZER in each and not _is_called(each[AUTHORIZER]["authorizerUri"], allowed):
                yield f"{name} calls {scheme} past the alias, or may not call the alias"


def _is_called(uri: object, allowed: list[object]) -> bool:
    """Return whether an address is that of an alias which API Gateway may invoke."""
    text = json.dumps(uri)
    return any(_is_alias(each) and json.dumps(each) in text for each in allowed)


def _is_alias(function: object) -> bool:
    return isinstance(function, dict) and str(function.get("Ref", "")).endswith(".Alias")
