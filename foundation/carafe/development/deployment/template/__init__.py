"""The additions to Chalice's template, in CloudFormation's terms: one module for each part."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage

from . import (
    alarms,
    broker,
    cors,
    dashboard,
    domain,
    functions,
    gateway,
    gateway_responses,
    outputs,
    queue_policies,
    queues,
    rollout,
    schedules,
    secrets,
)
from .parameters import CONDITIONS, PARAMETERS

PARTS = (
    queues,
    queue_policies,
    broker,
    secrets,
    alarms,
    dashboard,
    gateway,
    gateway_responses,
    cors,
    domain,
    schedules,
    functions,
    rollout,
)


def additions(app: Chalice, stage: Stage) -> Mapping[str, Any]:
    """Return what `chalice package --merge-template` merges into its template.

    Dictionaries are merged in depth, lists replaced.
    """
    resources: Resources = {}
    for part in PARTS:
        _merge(resources, part.resources(app, stage))
    return {
        "Description": description_of(stage),
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Resources": resources,
        "Outputs": outputs.outputs(app, stage),
    }


def description_of(stage: Stage) -> str:
    """Return what a stage's template and stack are described as."""
    return f"{stage.service}, stage {stage.name}"


def _merge(into: Resources, more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        elif name == "DependsOn" and name in into:
            into[name] = [*into[name], *value]
        else:
            into[name] = dict(value) if isinstance(value, Mapping) else value
