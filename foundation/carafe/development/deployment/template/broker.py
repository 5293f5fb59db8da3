"""The service's place on the platform's broker, and the mapping that feeds its inbox to a function.

The platform's function creates the service's user, exchanges and queues before anything here uses
them: CloudFormation itself cannot.
"""

import json
import re
from typing import Any

from chalice.app import Chalice

from carafe.development.cloudformation import Resources, Value
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import inbox_triggers
from carafe.development.platform.exports import (
    ACCESS_SECONDS,
    AMQPS_PORT,
    CONSOLE_PORT,
    DEFAULT_NAME,
    imported,
    ingress,
)
from carafe.development.platform.place import place_of
from carafe.infrastructure.event_bus.names import inbox_queue

from . import secrets
from .naming import fate_of, resource_of

BATCH_SIZE = 100
ACCESS = "BrokerAccess"


def address(stage: Stage) -> Value:
    """Return `amqps://host:5671/virtual-host`, without user and password."""
    return {"Fn::Join": ["/", [imported("BrokerAddress", stage.platform), stage.virtual_host]]}


def access(stage: Stage) -> str:
    """Return the name of the resource that asks for the place.

    It differs from platform to platform: CloudFormation does not let a resource ask another
    function than before.
    """
    return ACCESS if stage.platform == DEFAULT_NAME else f"{ACCESS}{_alphanumeric(stage.platform)}"


def _alphanumeric(name: str) -> str:
    """Return a name with the letters and digits that a resource's name may have."""
    return "".join(each.title() for each in re.split(r"[^a-zA-Z0-9]+", name))


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the place on the broker, the network rules to it, and the mapping of its inbox."""
    group = imported("BrokerSecurityGroup", stage.platform)
    by_name: Resources = {
        access(stage): _access(stage),
        "FunctionsReachBroker": ingress(
            "FunctionsSecurityGroup", AMQPS_PORT, group, f"{stage.stack}: messages"
        ),
        "FunctionsReachConsole": ingress(
            "FunctionsSecurityGroup", CONSOLE_PORT, group, f"{stage.stack}: state of its queues"
        ),
    }
    for trigger in inbox_triggers(app):
        function = resource_of(trigger.function)
        by_name[f"{function}Inbox"] = _mapping(function, stage)
    return by_name


def _access(stage: Stage) -> Resources:
    topology: dict[str, Any] = place_of(stage.service, stage.topology)
    del topology["service"]
    return {
        "Type": "Custom::BrokerAccess",
        "Properties": {
            "ServiceToken": imported("AccessFunction", stage.platform),
            "ServiceTimeout": 2 * ACCESS_SECONDS,
            "Service": stage.service,
            "DeletionPolicy": fate_of(stage)["DeletionPolicy"],
            "Secret": {"Ref": secrets.BROKER_LOGIN},
            # As text: CloudFormation would make texts of the numbers in it.
            "Topology": json.dumps(topology),
        },
    }


def _mapping(function: str, stage: Stage) -> Resources:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "DependsOn": [access(stage)],
        "Properties": {
            "FunctionName": {"Ref": function},
            "EventSourceArn": imported("BrokerArn", stage.platform),
            "Queues": [inbox_queue(stage.service)],
            "BatchSize": BATCH_SIZE,
            "Enabled": {"Ref": "InboxConnected"},
            "SourceAccessConfigurations": [
                {"Type": "BASIC_AUTH", "URI": {"Ref": secrets.BROKER_LOGIN}},
                {"Type": "VIRTUAL_HOST", "URI": stage.virtual_host},
            ],
        },
    }
