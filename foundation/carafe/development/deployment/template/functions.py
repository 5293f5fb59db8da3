"""What every function has: its place in the network, its name, and its settings."""

from chalice.app import Chalice

from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import queue_triggers
from carafe.infrastructure.secrets import BROKER_LOGIN, SETTINGS

from . import broker, secrets
from .naming import Resources, Value, function_name, handlers, queue_resource, resource_of
from .queues import NUDGED

SECURITY_GROUP = "FunctionsSecurityGroup"

ON_THE_BUS = {"bridge", "sweep", "consume"}
"""The functions that log in to the broker; no other may read its password."""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return what is added to Chalice's functions, and their security group."""
    made: Resources = {SECURITY_GROUP: _security_group()}
    for function in handlers(app):
        made[resource_of(function)] = {
            "Properties": {
                "FunctionName": function_name(function, stage),
                "VpcConfig": {
                    "SubnetIds": {"Ref": "SubnetIds"},
                    "SecurityGroupIds": [{"Ref": SECURITY_GROUP}],
                },
                "Environment": {"Variables": _settings(app, function, stage)},
            }
        }
    if app.routes:
        # Chalice writes a name here that nothing in the template has.
        name = {"Fn::Sub": "/aws/lambda/${APIHandler}"}
        made["ApiHandlerLogGroup"] = {"Properties": {"LogGroupName": name}}
    return made


def _settings(app: Chalice, function: str, stage: Stage) -> dict[str, Value]:
    (nudges,) = (each.queue for each in queue_triggers(app) if each.function == NUDGED)
    settings = {
        "SERVICE_NAME": stage.service,
        "MONGO_DATABASE": stage.service,
        "EVENT_BUS_TYPE": "rabbitmq",
        "RABBITMQ_URL": broker.ADDRESS,
        "NUDGE_QUEUE_URL": {"Ref": queue_resource(nudges)},
        SETTINGS: {"Ref": secrets.SETTINGS},
    }
    if function in ON_THE_BUS:
        settings[BROKER_LOGIN] = {"Ref": secrets.BROKER_LOGIN}
    return settings


def _security_group() -> Resources:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "GroupDescription": "The functions: nobody calls them over the network",
            "VpcId": {"Ref": "VpcId"},
        },
    }
