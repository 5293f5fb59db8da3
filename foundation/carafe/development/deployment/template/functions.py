"""The network, name and settings of every function."""

from chalice.app import Chalice

from carafe.development.cloudformation import Resources, Value
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import MIGRATE, queue_triggers
from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION
from carafe.infrastructure.secrets import BROKER_LOGIN, SETTINGS

from . import broker, secrets
from .naming import API_HANDLER, function_name, handlers, queue_resource, resource_of

SECURITY_GROUP = "FunctionsSecurityGroup"

ON_THE_BUS = {"bridge", "sweep", "consume", MIGRATE}
"""The functions that log in to the broker; no others may read its password."""

OPERATIONS = "operations.zip"
"""The code of `migrate`."""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the additions to Chalice's functions, and their security group."""
    by_name: Resources = {SECURITY_GROUP: _security_group()}
    for function in handlers(app):
        by_name[resource_of(function)] = {
            "Properties": {
                "FunctionName": function_name(function, stage),
                "VpcConfig": {
                    "SubnetIds": {"Ref": "SubnetIds"},
                    "SecurityGroupIds": [{"Ref": SECURITY_GROUP}],
                },
                "Environment": {"Variables": _settings(app, function, stage)},
            }
        }
        if function in stage.reserved:
            reserved = _where_reserved(stage.reserved[function])
            by_name[resource_of(function)]["Properties"]["ReservedConcurrentExecutions"] = reserved
        if function == MIGRATE:
            by_name[resource_of(function)]["Properties"]["CodeUri"] = f"./{OPERATIONS}"
    if app.routes:
        # Chalice refers here to a name that does not exist in the template.
        name = {"Fn::Sub": "/aws/lambda/${APIHandler}"}
        by_name["ApiHandlerLogGroup"] = {"Properties": {"LogGroupName": name}}
    return by_name


def _where_reserved(executions: int) -> Value:
    nothing = {"Ref": "AWS::NoValue"}
    return {"Fn::If": ["ConcurrencyIsReserved", executions, nothing]}


def _settings(app: Chalice, function: str, stage: Stage) -> dict[str, Value]:
    queues = {each.function: queue_resource(each.queue) for each in queue_triggers(app)}
    settings = {
        "STAGE": stage.name,
        "SERVICE_NAME": stage.service,
        "MONGO_DATABASE": stage.database,
        "EVENT_BUS_TYPE": "rabbitmq",
        "RABBITMQ_URL": broker.address(stage),
        "NUDGE_QUEUE_URL": {"Ref": queues[NUDGE_FUNCTION]},
        "COMMAND_QUEUE_URL": {"Ref": queues[COMMAND_FUNCTION]},
        SETTINGS: {"Ref": secrets.SETTINGS},
    }
    if function == API_HANDLER and stage.allowed_origins:
        settings["ALLOWED_ORIGINS"] = " ".join(stage.allowed_origins)
    if function in ON_THE_BUS:
        settings[BROKER_LOGIN] = {"Ref": secrets.BROKER_LOGIN}
    return settings


def _security_group() -> Resources:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            # CloudFormation replaces the group if this changes.
            "GroupDescription": "The functions: nobody calls them over the network",
            "VpcId": {"Ref": "VpcId"},
        },
    }
