"""The additions to Chalice's template, in CloudFormation's terms: one module for each part."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Chalice

from carafe.development.deployment.stages import Stage

from . import alarms, broker, dashboard, functions, gateway_responses, queues, secrets
from .naming import Resources
from .parameters import CONDITIONS, PARAMETERS


def additions(app: Chalice, stage: Stage) -> Mapping[str, Any]:
    """Return what `chalice package --merge-template` merges into its template.

    Dictionaries are merged in depth, lists replaced.
    """
    resources: Resources = {}
    for part in (queues, broker, secrets, alarms, dashboard, gateway_responses, functions):
        _merge(resources, part.resources(app, stage))
    return {
        "Description": f"{stage.service}, stage {stage.name}",
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Resources": resources,
        "Outputs": {
            "SettingsSecretArn": {"Value": {"Ref": secrets.SETTINGS}},
            "BrokerSecretArn": {"Value": {"Ref": secrets.BROKER_LOGIN}},
            "BrokerEndpoint": {"Value": broker.ADDRESS},
            "FunctionsSecurityGroup": {"Value": {"Ref": functions.SECURITY_GROUP}},
            "DashboardName": {"Value": {"Ref": "Dashboard"}},
        },
    }


def _merge(into: Resources, more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = dict(value) if isinstance(value, Mapping) else value
